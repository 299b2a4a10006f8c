"""Tables and figures in Markdown, and blocks of a document that a command writes.

A block stands between `<!-- begin: NAME -->` and `<!-- end -->`.
"""

from __future__ import annotations

_END = "<!-- end -->\n"


def replace_block(text: str, name: str, content: str) -> str:
    """Replace the content of one block.

    Args:
        text: The document.
        name: Name of the block: the command that writes it.
        content: The new content; ends with a line feed.

    Returns:
        The document with the new content.

    Raises:
        ValueError: If the document has no such block.
    """
    head, begin, rest = text.partition(_begin(name))
    if not begin or _END not in rest:
        raise ValueError(f"the document has no block {_begin(name)!r} ... {_END!r}")
    return head + begin + content + _END + rest.partition(_END)[2]


def block_of(text: str, name: str) -> str:
    """Return the content of a block; empty if the document does not have it."""
    return text.partition(_begin(name))[2].partition(_END)[0]


def table(heads: list[str], rows: list[list[str]], rules: list[str] | None = None) -> str:
    """Format a table in Markdown.

    Args:
        heads: Heads of the columns.
        rows: Cells of each row.
        rules: Alignment of each column, `---` or `---:`; all to the left by default.

    Returns:
        Its lines, each with a line feed.
    """
    lines = [heads, rules or ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def number(figure: float | None) -> str:
    """Format a figure: whole from 100 on, and empty if there is none."""
    if figure is None:
        return ""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}"


def _begin(name: str) -> str:
    return f"<!-- begin: {name} -->\n"
