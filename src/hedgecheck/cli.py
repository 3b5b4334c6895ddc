"""The command line. Exit codes: 0 holds, 1 broken, 2 unknown, 64 usage, 70 internal error."""

import json
import re
import secrets
import sys
import traceback
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text
from typer.exceptions import Exit, TyperException

from hedgecheck import __version__, storing, stressing
from hedgecheck.errors import HedgecheckError, PricesMissing, UsageError, WorkerDied
from hedgecheck.options import (
    AtLeast,
    Broker,
    Budget,
    Cap,
    Cash,
    Checkpoint,
    Codes,
    Crashes,
    Executions,
    Explored,
    Faults,
    Halts,
    Heat,
    Html,
    Json,
    JsonLines,
    Junit,
    Kinds,
    LiveFor,
    Lots,
    Markets,
    Memory,
    Mutants,
    NoPrices,
    PartialOrder,
    Patience,
    Port,
    Prices,
    Reset,
    Rounds,
    Sample,
    Search,
    Seed,
    Speed,
    States,
    Stops,
    Store,
    Strategy,
    Symbols,
    Target,
    Trades,
    WireFaults,
)
from hedgecheck.packages import optional
from hedgecheck.terminal import Outputs, ProgressBar, as_json, open_console, say_target, writable, write

if TYPE_CHECKING:
    from hedgecheck.runner import Plan

USAGE, INTERNAL, INTERRUPTED = 64, 70, 130
EXIT_CODES = {"holds": 0, "broken": 1, "unknown": 2}
UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}

app = typer.Typer(
    name="hedgecheck",
    help="Finds the interleaving that loses you money, before the market does.",
    add_completion=False,
    rich_markup_mode="rich",
)
app.add_typer(storing.app)
app.add_typer(stressing.app)


def _seconds(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if match is None or float(match[1]) <= 0:
        raise UsageError(f"{text!r} is no duration. Write 45s, 10m or 8h.")
    return float(match[1]) * UNITS[match[2]]


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
    html: Html = None,
    junit: Junit = None,
) -> int:
    """Checks an engine with every explorer: random walks, Hypothesis machines, small scopes in full."""
    from hedgecheck.runner import Plan

    source, notes = _price_source(prices, no_prices)
    plan = Plan(target, seed or 0, budget_seconds=_seconds(budget), executions=executions)
    return _run(replace(plan, prices=source, notes=notes), Outputs(json_path, html, junit))


@app.command()
def explore(
    targets: Explored = None,
    trades: Trades = 1,
    faults: Faults = 0,
    lots: Lots = None,
    kinds: Kinds = "all",
    crashes: Crashes = None,
    halts: Halts = 0,
    heat: Heat = None,
    cap: Cap = None,
    stops: Stops = 0,
    symbols: Symbols = None,
    search: Search = None,
    partial_order: PartialOrder = False,
    states: States = None,
    memory: Memory = None,
    budget: Budget = "1h",
    checkpoint: Checkpoint = None,
    mutants: Mutants = False,
    sample: Sample = None,
    seed: Seed = None,
    json_path: Json = None,
    html: Html = None,
    junit: Junit = None,
) -> int:
    """Goes through every execution of a small scope: holds means that all of it was seen."""
    from hedgecheck.exploring import Asked, plan_of, refuse_beside_mutants, single_target

    limits, how = (lots, crashes, cap, states, memory), (symbols, search, budget, partial_order)
    asked = Asked(trades, faults, kinds, halts, heat, stops, *limits, *how, seed, checkpoint)
    outputs, names = Outputs(json_path, html, junit), tuple(targets or ())
    if mutants:
        from hedgecheck.mutants import Wanted, command

        refuse_beside_mutants(asked, outputs)
        return command(Wanted(names, sample, seed or 0, _seconds(budget)), json_path, open_console())
    return _run(plan_of(single_target(names, sample), asked, _seconds(budget)), outputs)


@app.command()
def fuzz(
    targets: Annotated[list[str] | None, typer.Argument(help="core, or module:factory; any number.")] = None,
    seed: Seed = None,
    budget: Budget = "60s",
    executions: Executions = None,
    prices: Prices = None,
    no_prices: NoPrices = False,
    json_path: Json = None,
    html: Html = None,
    junit: Junit = None,
) -> int:
    """Runs random walks with faults until the budget is spent or a rule is broken."""
    from hedgecheck.runner import Plan

    names, outputs = targets or ["core"], Outputs(json_path, html, junit)
    if outputs != Outputs() and len(names) > 1:
        raise UsageError("One file is named and there are several targets. Run them one by one.")
    drawn = secrets.randbits(32) if seed is None else seed
    source, notes = _price_source(prices, no_prices)
    plan = Plan("", drawn, ("fuzz",), _seconds(budget), executions, source, "fuzz", notes=notes)
    codes = [_run(replace(plan, target=name), outputs) for name in names]
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

    console = open_console()
    console.print(Text(f"hedgecheck replay {token} {target}", style="dim"), soft_wrap=True)
    say_target(console, target)
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
        write(
            json_path,
            as_json({"schema": 1, "verdict": verdict, "token": token, "broken": broken, "trace": steps}),
        )
    return 0 if ran.failure is None else 1


@app.command()
def mutate(json_path: Json = None, at_least: AtLeast = 0.0) -> int:
    """Runs mutation testing as setup.cfg configures it: the score per module, and every survivor by name."""
    from hedgecheck.mutation import as_table, run

    console = open_console()
    console.print(Text("hedgecheck mutate" + (f" --at-least {at_least:g}" if at_least else ""), style="dim"))
    if json_path is not None:
        writable(json_path)
    score = run(Path.cwd())
    for name in score.survived:
        console.print(Text(f"survived: {name}"), soft_wrap=True)
    for name in score.undecided:
        console.print(Text(f"undecided: {name}", style="yellow"), soft_wrap=True)
    console.print(as_table(score))
    if json_path is not None:
        write(json_path, as_json(score.to_json()))
    weak = [name for name, each in score.modules.items() if 100 * each.ratio < at_least]
    if weak:
        console.print(Text(f"below {at_least:g} %: {', '.join(weak)}", style="bold red"), soft_wrap=True)
        return 1
    return 2 if score.undecided else 0


@app.command()
def init(
    bot: Annotated[Path, typer.Argument(help="The bot's file, or a folder to look for it in.")] = Path(),
    class_name: Annotated[str | None, typer.Option("--class", help="The class that is the bot.")] = None,
    method: Annotated[str | None, typer.Option(help="The method that trades, or the function.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where the test goes; beside the bot by default.")] = None,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print the test, write nothing.")] = False,
) -> int:
    """Writes a first test beside a bot, which is read and never run."""
    from hedgecheck.beginning import begin

    if stdout and out is not None:
        raise UsageError("--stdout and --out exclude each other. Choose one.")
    begun = begin(bot, class_name, method, out)
    if stdout:
        typer.echo(begun.text, nl=False)
    console = Console(stderr=True, highlight=False) if stdout else open_console()
    console.print(Text(begun.command, style="dim"), soft_wrap=True)
    for line in begun.said if stdout else begun.write():
        console.print(Text(line), soft_wrap=True)
    return 0


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
        open_console().print(as_table(rows))
    return 0


@app.command()
def venue(
    port: Port = 0,
    seed: Seed = 0,
    markets: Markets = "",
    faults: WireFaults = "",
    cash: Cash = 10**9,
    speed: Speed = 1.0,
) -> int:
    """Runs a simulated exchange that others connect to on this machine, until it is ended."""
    optional("sqlalchemy", "The store that comes with it is", "live")
    from hedgecheck.live.exchange.command import DEFAULT_MARKETS, Wanted, run

    return run(Wanted(port, seed or 0, markets or DEFAULT_MARKETS, faults, cash, speed), open_console())


@app.command()
def live(
    broker: Broker = "venue",
    store: Store = None,
    strategy: Strategy = "",
    seed: Seed = 0,
    rounds: Rounds = None,
    budget: LiveFor = None,
    patience: Patience = 60.0,
    reset: Reset = None,
    codes: Codes = None,
    json_lines: JsonLines = None,
) -> int:
    """Trades at a broker, each event stored before what follows from it leaves; Ctrl-C comes to rest."""
    optional("sqlalchemy", "The event store is", "live")
    from hedgecheck.connecting import Asked
    from hedgecheck.trading import milestones_to, trade

    seconds = None if budget is None else _seconds(budget)
    how = (seed or 0, rounds, seconds, patience, tuple(reset or ()), codes)
    asked = Asked(broker, store, strategy, *how)
    with milestones_to(json_lines) as milestones:
        console = Console(stderr=True, highlight=False) if json_lines == "-" else open_console()
        console.print(Text(asked.command, style="dim"), soft_wrap=True)
        return trade(asked, console, milestones)


def _run(plan: "Plan", outputs: Outputs) -> int:
    """Runs a plan, shows the report and writes what was asked for."""
    from hedgecheck.report import show
    from hedgecheck.runner import run

    console = open_console()
    outputs.check()
    console.print(Text(plan.replay, style="dim"), soft_wrap=True)
    say_target(console, plan.target)
    with ProgressBar(console, plan.budget_seconds) as watch:
        report = run(plan, watch)
    show(report, console)
    outputs.write(report, console)
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
