"""The documentation: every code block runs, and every public name is in the reference."""
