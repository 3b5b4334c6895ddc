"""The command line. Exit codes: 0 holds, 1 broken, 2 unknown, 64 usage, 70 internal error."""

import json
import re
import secrets
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text
from typer.exceptions import Exit, TyperException

from hedgecheck import __version__
from hedgecheck.errors import HedgecheckError, PricesMissing, UsageError, WorkerDied

USAGE, INTERNAL, INTERRUPTED = 64, 70, 130
EXIT_CODES = {"holds": 0, "broken": 1, "unknown": 2}
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}

app = typer.Typer(
    name="hedgecheck",
    help="Finds the interleaving that loses you money, before the market does.",
    add_completion=False,
    rich_markup_mode="rich",
)


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if match is None or float(match[1]) <= 0:
        raise UsageError(f"{text!r} is no duration. Write 45s, 10m or 8h.")
    return float(match[1]) * UNITS[match[2]]


Target = Annotated[str, typer.Argument(help="core, or module:factory of an engine.")]
Seed = Annotated[int | None, typer.Option(min=0, max=2**32 - 1, help="Root of all that is drawn.")]
Budget = Annotated[str, typer.Option("--budget", "--for", help="How long to look: 45s, 10m, 8h.")]
Executions = Annotated[
    int | None, typer.Option(min=1, help="So many executions of each explorer, however long it takes.")
]
Prices = Annotated[
    str | None,
    typer.Option("--prices", help="Draw price moves from real daily closes: aapl, ibm or msft."),
]
NoPrices = Annotated[bool, typer.Option("--no-prices", help="Draw price moves from an invented list.")]
Json = Annotated[Path | None, typer.Option("--json", help="Write the verdict here as JSON.")]


@app.callback(invoke_without_command=True)
def options(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Finds the interleaving that loses you money, before the market does."""
    if version:
        typer.echo(f"hedgecheck {__version__}")
        raise Exit


@app.command()
def verify(
    target: Target = "core",
    seed: Seed = 0,
    budget: Budget = "45s",
    executions: Executions = None,
    prices: Prices = None,
    no_prices: NoPrices = False,
    json_path: Json = None,
) -> int:
    """Checks an engine with every explorer: random walks, and Hypothesis state machines."""
    source = _price_source(prices, no_prices)
    bounds = (_seconds(budget), executions)
    return _run("verify", target, ("fuzz", "hypothesis"), seed or 0, bounds, source, json_path)


@app.command()
def fuzz(
    targets: Annotated[list[str] | None, typer.Argument(help="core, or module:factory; any number.")] = None,
    seed: Seed = None,
    budget: Budget = "60s",
    executions: Executions = None,
    prices: Prices = None,
    no_prices: NoPrices = False,
    json_path: Json = None,
) -> int:
    """Runs random walks with faults until the budget is spent or a rule is broken."""
    names = targets or ["core"]
    if json_path is not None and len(names) > 1:
        raise UsageError("--json names one file and there are several targets. Run them one by one.")
    drawn = secrets.randbits(32) if seed is None else seed
    source = _price_source(prices, no_prices)
    bounds = (_seconds(budget), executions)
    codes = [_run("fuzz", name, ("fuzz",), drawn, bounds, source, json_path) for name in names]
    return 1 if 1 in codes else max(codes)


@app.command()
def replay(
    token: Annotated[str, typer.Argument(help="What a run printed: hc1-...")],
    target: Target = "core",
    json_path: Json = None,
) -> int:
    """Runs one execution again from its token and shows what happened."""
    from hedgecheck.runner import replayed
    from hedgecheck.trace import diagram

    console = _console()
    console.print(Text(f"hedgecheck replay {token} {target}", style="dim"), soft_wrap=True)
    _say_target(console, target)
    ran = replayed(token, target)
    why = ran.failure.why if ran.failure else ""
    console.print(Text(diagram(ran.entries, why)), soft_wrap=True)
    if ran.failure is None:
        console.print(Text("passes now: no rule is broken in this execution.", style="green"))
    else:
        failure = ran.failure
        console.print(Text(f"reproduced: {failure.name} ({failure.invariant}): {why}", style="bold red"))
    if json_path is not None:
        verdict = "holds" if ran.failure is None else "broken"
        broken = None if ran.failure is None else {"id": ran.failure.invariant, "why": why}
        steps = diagram(ran.entries, why).splitlines()
        _write(json_path, {"schema": 1, "verdict": verdict, "token": token, "broken": broken, "trace": steps})
    return 0 if ran.failure is None else 1


@app.command()
def mutate(json_path: Json = None) -> int:
    """Runs mutation testing as setup.cfg configures it: the score, and every survivor by name."""
    from hedgecheck.mutation import run

    console = _console()
    console.print(Text("hedgecheck mutate", style="dim"))
    if json_path is not None:
        _writable(json_path)
    score = run(Path.cwd())
    for name in score.survived:
        console.print(Text(f"survived: {name}"), soft_wrap=True)
    for name in score.undecided:
        console.print(Text(f"undecided: {name}", style="yellow"), soft_wrap=True)
    console.print(
        Text(
            f"mutation score {score.ratio:.1%}: {len(score.killed)} killed, "
            f"{len(score.timed_out)} timed out, {len(score.survived)} survived, "
            f"{len(score.undecided)} undecided",
            style="bold",
        ),
        soft_wrap=True,
    )
    if json_path is not None:
        _write(json_path, score.to_json())
    return 2 if score.undecided else 0


@app.command()
def requirements(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Prints every requirement with the tests that would turn red if it broke."""
    from hedgecheck.requirements import as_table, load

    rows = load(Path.cwd())
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
    else:
        _console().print(as_table(rows))
    return 0


def _run(
    command: str,
    target: str,
    explorers: tuple[str, ...],
    seed: int,
    bounds: tuple[float, int | None],
    source: tuple[str, tuple[str, ...]],
    json_path: Path | None,
) -> int:
    from hedgecheck.report import show
    from hedgecheck.runner import Plan, run

    console = _console()
    plan = Plan(target, seed, explorers, *bounds, source[0], command, notes=source[1])
    if json_path is not None:
        _writable(json_path)
    console.print(Text(plan.replay, style="dim"), soft_wrap=True)
    _say_target(console, target)
    with _ProgressBar(console, plan.budget_seconds) as watch:
        report = run(plan, watch)
    show(report, console)
    if json_path is not None:
        _write(json_path, report.to_json())
        console.print(Text(f"wrote {json_path}", style="dim"))
    return EXIT_CODES[report.verdict]


def _price_source(prices: str | None, no_prices: bool) -> tuple[str, tuple[str, ...]]:
    """Which prices to use; by default real ones where they are installed, and a note where not."""
    from hedgecheck import prices as real

    if prices is not None and no_prices:
        raise UsageError("--prices and --no-prices exclude each other. Choose one.")
    if no_prices:
        return "", ()
    if prices is not None:
        real.moves(prices.lower())
        return prices.lower(), ()
    try:
        real.moves(real.DEFAULT)
    except PricesMissing as missing:
        return "", (f"left out: real price moves. {missing}",)
    return real.DEFAULT, ()


def _say_target(console: Console, target: str) -> None:
    from hedgecheck.targets import described

    console.print(Text(f"target: {described(target)}"), soft_wrap=True)


class _ProgressBar:
    """A progress bar on a terminal, shown once two seconds have passed; nothing elsewhere."""

    def __init__(self, console: Console, budget_seconds: float) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("", total=budget_seconds)
        self._is_terminal = console.is_terminal
        self._is_shown = False

    def __enter__(self) -> Callable[[Any], None]:
        return self._watch

    def __exit__(self, *_: object) -> None:
        if self._is_shown:
            self._bar.stop()

    def _watch(self, progress: Any) -> None:
        if not self._is_terminal or progress.seconds < 2:
            return
        if not self._is_shown:
            self._bar.start()
            self._is_shown = True
        done = ", ".join(f"{name} {each.executions:,}" for name, each in progress.campaigns.items())
        self._bar.update(self._task, completed=progress.seconds, description=f"executions: {done}")


def _console() -> Console:
    width = None if sys.stdout.isatty() else 110
    return Console(width=width, highlight=False)


def _writable(path: Path) -> None:
    """Says so before the work, not after it, when the result cannot be written."""
    if not path.parent.is_dir():
        raise UsageError(f"{path}: there is no folder {path.parent}. Make it first.")
    if path.is_dir():
        raise UsageError(f"{path} is a folder. Name a file in it.")


def _write(path: Path, content: Any) -> None:
    """Writes beside the target first, so that a full disk never leaves half a file in its place."""
    beside = path.with_name(f"{path.name}.part")
    try:
        beside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}. Choose another place.") from error


def call(arguments: list[str]) -> int:
    """Runs the command line and returns its exit code."""
    errors = Console(stderr=True, highlight=False)
    try:
        code = app(arguments or ["--help"], standalone_mode=False)
    except Exit as ended:
        return ended.exit_code
    except TyperException as error:
        errors.print(Text(f"error: {error.format_message()}\nSee: hedgecheck --help"), soft_wrap=True)
        return USAGE
    except WorkerDied as error:
        errors.print(Text(f"unknown: {error}"), soft_wrap=True)
        return EXIT_CODES["unknown"]
    except HedgecheckError as error:
        errors.print(Text(f"error: {error}"), soft_wrap=True)
        return USAGE
    except KeyboardInterrupt:
        errors.print("interrupted")
        return INTERRUPTED
    except Exception:
        errors.print(Text(traceback.format_exc()), soft_wrap=True)
        errors.print(
            Text("This is a defect of hedgecheck, not of your engine. Please report it with the above.")
        )
        return INTERNAL
    return code if isinstance(code, int) else 0


def main() -> None:
    """The console script."""
    sys.exit(call(sys.argv[1:]))
