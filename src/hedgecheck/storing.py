"""``hedgecheck store``: what people do with an event store. Exit codes: 0, 1 damaged, 64 usage."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer
from rich.console import Console
from rich.text import Text

from hedgecheck.errors import StoreDamaged, UsageError
from hedgecheck.packages import optional
from hedgecheck.terminal import open_console, writable

QUIET_SECONDS = 2.0
Address = Annotated[
    str, typer.Argument(help="Of the store: a path, or postgresql+psycopg://USER:PASSWORD@HOST/NAME.")
]
Into = Annotated[str, typer.Argument(help="Where the new store is to be: a path or URL.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]

app = typer.Typer(
    name="store", help="Looks after the event store of an engine that runs live.", no_args_is_help=True
)


@app.callback()
def needed() -> None:
    """Looks after the event store of an engine that runs live."""
    optional("sqlalchemy", "Event stores need what is", "live")


@app.command()
def verify(address: Address, as_json: AsJson = False) -> int:
    """Checks every event of a store, which may be written meanwhile."""
    from hedgecheck.live import store

    with _damage(as_json), _progress() as told:
        stands = store.verify(address, told)
        said = {
            "verdict": "whole",
            "events": stands.head.position,
            "created": _shown(stands.beginning.recorded_ns),
            "last": _shown(stands.head.recorded_ns),
            "digest": stands.head.digest.hex(),
        }
        _say(
            as_json,
            said,
            f"whole: {said['events']:,} events, from {said['created']} to {said['last']}\n"
            f"digest of the last: {said['digest']}",
        )
        return 0
    return 1


@app.command()
def backup(address: Address, to: Into) -> int:
    """Copies a store, which may be written meanwhile, and checks the copy."""
    return _copied(address, to)


@app.command()
def restore(
    backed_up: Annotated[str, typer.Argument(metavar="BACKUP", help="A copy of a store.")], address: Into
) -> int:
    """Makes a store of a backup, where there is none yet."""
    return _copied(backed_up, address)


@app.command()
def recover(address: Address, into: Into, as_json: AsJson = False) -> int:
    """Copies what is good of a damaged store, which stays as it is, into a new one."""
    from hedgecheck.live import salvage, store

    with _progress() as told:
        damage = salvage(address, into, told)
    head = store.verify(into).head
    lost = "" if damage is None else damage.what
    text = f"recovered {head.position:,} events into {into}"
    text += f"\nlost is what comes after them: {lost}" if lost else ": all that were stored"
    _say(as_json, {"events": head.position, "digest": head.digest.hex(), "lost": lost}, text)
    return 1 if lost else 0


@app.command()
def export(
    address: Address,
    out: Annotated[Path | None, typer.Option(help="A file to write; else it is printed.")] = None,
    after: Annotated[int, typer.Option(min=0, help="Only events after this position.")] = 0,
) -> int:
    """Writes the events of a store, one JSON object a line: position, recorded_ns, event."""
    from hedgecheck.live.encoding import encoded
    from hedgecheck.live.store import recorded

    if out is not None:
        writable(out)
    with _damage(), _progress() as told, _opened(out) as file:
        for each in recorded(address, after):
            place = f'{{"position":{each.position},"recorded_ns":{each.recorded_ns}'
            file.write(f'{place},"event":{encoded(each.event)}}}\n')
            told(each.position)
        return 0
    return 1


@app.command()
def questions(address: Address, as_json: AsJson = False) -> int:
    """Lists what people are asked; with --json all that they ever were, and what they answered."""
    from hedgecheck.live import Questions

    with Questions(address) as asked:
        waiting, every = asked.open_questions(), asked.all_questions()
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in every], indent=1))
        return 0
    console = open_console()
    for each in waiting:
        told = f"{each.id}  {_shown(each.asked_ns)}  {each.kind} {each.subject}: {each.details}"
        console.print(Text(told), soft_wrap=True)
    if not waiting:
        console.print(Text(f"no question waits for an answer, {len(every)} were asked"))
    return 0


@app.command()
def answer(
    address: Address,
    question: Annotated[int, typer.Argument(help="Its number, as questions lists it.")],
    words: Annotated[str, typer.Argument(metavar="ANSWER", help="adopt, gone or again.")],
    by: Annotated[str, typer.Option(help="Who answers.")],
) -> int:
    """Answers a question."""
    from hedgecheck.live import Questions

    with Questions(address) as asked:
        asked.answer(question, words, by)
    open_console().print(Text(f"question {question} is answered: {words}"), soft_wrap=True)
    return 0


def _copied(address: str, into: str) -> int:
    from hedgecheck.live import copy

    with _damage(), _progress() as told:
        head = copy(address, into, told)
        text = f"copied and checked: {head.position:,} events, digest {head.digest.hex()}"
        open_console().print(Text(text), soft_wrap=True)
        return 0
    return 1


def _say(as_json: bool, content: dict[str, Any], text: str) -> None:
    if as_json:
        typer.echo(json.dumps(content, indent=1))
    else:
        open_console().print(Text(text), soft_wrap=True)


def _shown(time_ns: int) -> str:
    return datetime.fromtimestamp(time_ns // 10**9, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


@contextmanager
def _damage(as_json: bool = False) -> Iterator[None]:
    """Says what is damaged; what comes after the block is then the exit code."""
    try:
        yield
    except StoreDamaged as error:
        if as_json:
            said = {"verdict": "damaged", "good": error.good, "why": str(error)}
            typer.echo(json.dumps(said, indent=1))
        else:
            Console(stderr=True, highlight=False).print(Text(f"damaged: {error}"), soft_wrap=True)


@contextmanager
def _progress() -> Iterator[Callable[[int], None]]:
    """Counts events on a terminal, once two seconds have passed; nothing elsewhere."""
    console = Console(stderr=True, highlight=False)
    begun, status = time.monotonic(), console.status("")

    def told(position: int) -> None:
        if console.is_terminal and time.monotonic() - begun > QUIET_SECONDS:
            status.update(f"{position:,} events")
            status.start()

    try:
        yield told
    finally:
        status.stop()


@contextmanager
def _opened(out: Path | None) -> Iterator[TextIO]:
    """The file, in its place once it is complete; or what is printed to."""
    if out is None:
        yield sys.stdout
        return
    beside = out.with_name(f"{out.name}.part")
    try:
        with beside.open("w", encoding="utf-8") as file:
            yield file
        beside.replace(out)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}. Choose another place.") from error
    finally:
        beside.unlink(missing_ok=True)
