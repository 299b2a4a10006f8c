"""Pictures of the program for the documents, from a real cluster: `python -m tests.tools.recordings`.

Each command runs in a pseudo-terminal, and what its screen shows becomes an SVG.
"""

from __future__ import annotations

import io
import itertools
import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pyte
from rich.color import ColorParseError
from rich.console import Console
from rich.style import Style
from rich.text import Text

from hzclient import HazelcastClient
from hzclient.server import LocalCluster
from tests.integration.cli.terminal import ROOT, Terminal

FOLDER = ROOT / "docs" / "how-to" / "recordings"
_FONTS = re.compile(r"@font-face \{.*?\}", re.DOTALL)
_NAMES = {"brown": "yellow"}
"""Colours that pyte names otherwise than rich."""


def draw(screen: pyte.Screen, title: str) -> str:
    """Return what a screen shows as an SVG, without the empty lines at its end.

    Args:
        screen: The screen.
        title: Text in the bar above it.

    Returns:
        The SVG. It refers to no other file, so readers' browsers use a font of their own.
    """
    lines = [_line(screen, row) for row in range(screen.lines)]
    while lines and not lines[-1].plain.strip():
        lines.pop()
    console = Console(record=True, width=screen.columns, file=io.StringIO(), force_terminal=True)
    for line in lines:
        console.print(line, soft_wrap=True)
    svg = _FONTS.sub("", console.export_svg(title=title, unique_id="recording"))
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def _line(screen: pyte.Screen, row: int) -> Text:
    text = Text()
    cells = [screen.buffer[row][column] for column in range(screen.columns)]
    for style, run in itertools.groupby(cells, key=_style):
        text.append("".join(cell.data for cell in run), style)
    text.rstrip()
    return text


def _style(character: Any) -> Style:
    color = _NAMES.get(character.fg, character.fg)
    try:
        return Style(
            color=None if color == "default" else _parsable(color),
            bold=character.bold,
            italic=character.italics,
            reverse=character.reverse,
        )
    except ColorParseError:
        return Style(bold=character.bold)


def _parsable(color: str) -> str:
    return f"#{color}" if re.fullmatch("[0-9a-f]{6}", color) else color


@contextmanager
def _busy(cluster: LocalCluster) -> Iterator[None]:
    """Run a client that uses a few structures."""
    ended = threading.Event()
    client = HazelcastClient(
        cluster_members=cluster.addresses,
        cluster_name=cluster.cluster_name,
        client_name="shop-1",
        labels=["checkout"],
        statistics_enabled=True,
        statistics_period=1,
        near_caches={"prices": {}},
    )

    def work() -> None:
        prices, orders = client.get_map("prices").blocking(), client.get_map("orders").blocking()
        queue = client.get_queue("shipments").blocking()
        prices.put_all({number: float(number) for number in range(100)})
        count = 0
        while not ended.is_set():
            count += 1
            prices.get(count % 100)
            orders.set(count % 5000, {"total": count})
            if count % 10 == 0:
                queue.offer(count)
                queue.poll()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        client.shutdown()


def _matches(pattern: str) -> Callable[[str], bool]:
    return lambda text: re.search(pattern, text) is not None


def main() -> None:
    """Draw all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with (
        LocalCluster(members=2, cluster_name="shop") as cluster,
        _busy(cluster),
        tempfile.TemporaryDirectory() as home,
    ):
        environment = {
            "PATH": os.environ["PATH"],
            "TERM": "xterm-256color",
            "HOME": home,
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
        }
        connection = ["-a", cluster.addresses[0], "-c", "shop"]

        def record(name: str, words: list[str], typed: list[tuple[str, str]], last: str) -> None:
            terminal = Terminal([*connection, *words], environment)
            if typed:
                terminal.wait_for("shop>")  # what is typed before is echoed twice
            for keys, shown in typed:
                terminal.type(keys)
                terminal.wait_for(_matches(shown))
            terminal.wait_for(_matches(last))
            (FOLDER / f"{name}.svg").write_text(draw(terminal.screen, f"hzclient {' '.join(words)}"))
            terminal.process.close(force=True)

        record("cluster", ["cluster", "members", "--watch"], [], "Ctrl-C ends")
        record("top", ["top"], [], r"│ orders +│ +[1-9][^$]*shop-1 +│ prices[^$]*Ctrl-C ends")
        statements = [
            (
                "CREATE MAPPING prices (__key BIGINT, this DOUBLE) TYPE IMap "
                "OPTIONS ('keyFormat'='bigint', 'valueFormat'='double');\r",
                "OK\\s+shop>",
            ),
            ("SELECT COUNT(*) AS prices, AVG(this) AS mean\r", "mean"),
            ("FROM prices;\r", r"49\.5[^$]*shop>"),
            ("\\d prices\r", "__key"),
        ]
        record("sql", ["sql"], statements, r"this +│ DOUBLE[^$]*shop> *\s")


if __name__ == "__main__":
    main()
