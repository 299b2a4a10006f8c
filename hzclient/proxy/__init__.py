"""The distributed structures, one module each."""
