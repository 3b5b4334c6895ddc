"""The options of the commands, each said once."""

from pathlib import Path
from typing import Annotated

import typer

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
Html = Annotated[Path | None, typer.Option("--html", help="Write a page here, to open in a browser.")]
AtLeast = Annotated[
    float, typer.Option(min=0, max=100, help="Exit with 1 where a module's score is below, in per cent.")
]
Junit = Annotated[Path | None, typer.Option("--junit", help="Write the verdict here as JUnit XML.")]

# of explore: what is taken where one is left out depends on the others
Lots = Annotated[
    int | None,
    typer.Option(
        help="Lots of each leg; 2 or more for partial fills.", show_default="own, faults: 2, else 1"
    ),
]
Crashes = Annotated[
    int | None,
    typer.Option(help="Crashes of the engine, on top of the faults.", show_default="own: 1, else 0"),
]
Cap = Annotated[
    int | None,
    typer.Option(help="Trades in flight at most.", show_default="own, no heat: one less than trades, else 4"),
]
Symbols = Annotated[
    str | None,
    typer.Option(
        help="own: each trade has its own, and a connection; or shared.",
        show_default="1 trade: shared, else own",
    ),
]
Search = Annotated[
    str | None,
    typer.Option(
        help="table; direct: state by state; or walk: random walks over tables, which prove nothing.",
        show_default="own: table, else direct",
    ),
]
PartialOrder = Annotated[
    bool,
    typer.Option("--partial-order", help="By tables: of orders that come to the same, take one."),
]
States = Annotated[
    int | None,
    typer.Option(
        min=1, help="Give up at so many states.", show_default="table: 10000000000, direct: 5000000"
    ),
]
Memory = Annotated[
    int | None,
    typer.Option(min=1, help="Give up at so many MB in a process.", show_default="table: 8192, direct: 2048"),
]

Explored = Annotated[
    list[str] | None,
    typer.Argument(
        help="core, or module:factory of an engine; with --mutants, modules.", show_default="core"
    ),
]
Trades = Annotated[int, typer.Option(help="Trades that may overlap.")]
Faults = Annotated[int, typer.Option(help="Strikes in all.")]
Kinds = Annotated[
    str, typer.Option(help="Kinds that may strike, mixed: F01,F08 or all. each: one search per kind.")
]
Halts = Annotated[int, typer.Option(help="Times that a person may halt trading.")]
Heat = Annotated[int | None, typer.Option(help="Heat limit, in lots at the opening price.")]
Stops = Annotated[int, typer.Option(help="1: every leg has a protective stop.")]
Checkpoint = Annotated[
    Path | None, typer.Option(help="By tables: keep the search in this file, and go on from there.")
]
Mutants = Annotated[
    bool, typer.Option("--mutants", help="Judge every mutant of these modules: core.trade core.risk.")
]
Sample = Annotated[int | None, typer.Option(min=1, help="So many of the mutants, drawn by --seed.")]

# of the exchange's process
Port = Annotated[int, typer.Option(min=0, max=65535, help="Where to listen; 0 is any that is free.")]
Markets = Annotated[
    str, typer.Option(help="Symbols and their first prices in ticks.", show_default="AAA:10000,... DDD:10000")
]
WireFaults = Annotated[
    str,
    typer.Option(
        "--faults",
        help="What goes wrong on the wire, with commas between, and how often: response_lost=0.05, late_ack, "
        "disconnect, duplicated, reordered.",
    ),
]
Cash = Annotated[int, typer.Option(min=0, help="What an account begins with, in minor units.")]
Speed = Annotated[float, typer.Option(min=0.01, max=100, help="How many times as fast the market is.")]

# of the shell at work
Broker = Annotated[
    str,
    typer.Option(
        help="venue: one that comes and goes with the command; or tcp://HOST:PORT of one that runs."
    ),
]
Store = Annotated[
    str | None,
    typer.Option(
        help="Where events are stored: a file, or postgresql+psycopg://USER@HOST/NAME.",
        show_default="of --broker venue: until the command ends",
    ),
]
Strategy = Annotated[
    str, typer.Option(help="module:function, async, of the shell.", show_default="two, to watch it by")
]
Rounds = Annotated[
    int | None, typer.Option(min=0, help="Pairs to trade, of each strategy to watch.", show_default="no end")
]
LiveFor = Annotated[
    str | None, typer.Option("--for", "--budget", help="How long: 45s, 10m, 8h.", show_default="no end")
]
Patience = Annotated[float, typer.Option(min=0, help="Seconds to come to rest in.")]
JsonLines = Annotated[
    str | None, typer.Option("--json", help="Write what is reached here, a line each; - is stdout.")
]
Reset = Annotated[
    list[str] | None,
    typer.Option("--reset", help="A breaker to reset at the start, by its code; any number."),
]
Codes = Annotated[
    Path | None,
    typer.Option(help="Where the codes of the breakers are.", show_default="of a file: STORE.codes"),
]
