"""``hedgecheck stress``: scenarios run, told and compared.

Exit codes: 0 holds; 1 broken, failed or regressed; 2 unknown: interrupted, or nothing later; 64 usage.
"""

import json
import shlex
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from hedgecheck.errors import UsageError
from hedgecheck.packages import optional
from hedgecheck.targets import imported, loaded
from hedgecheck.terminal import Outputs, open_console, writable, write

if TYPE_CHECKING:
    from hedgecheck.stress.batches import BatchResult
    from hedgecheck.stress.models import Scenario, ScenarioResult
    from hedgecheck.stress.runner import StressTestRunner

CODES = {"holds": 0, "broken": 1, "unknown": 2}
DATA_OF_LIBRARY = "synthetic,real"
Named = Annotated[
    str, typer.Argument(metavar="NAME|FILE", help="A scenario of the library, or a file of one.")
]
AllNamed = Annotated[
    list[str] | None, typer.Argument(metavar="NAMES|FILES", help="Of the library, or files; any number.")
]
Seed = Annotated[int | None, typer.Option(min=0, max=2**32 - 1, help="Root of all that is drawn.")]
Bars_ = Annotated[int | None, typer.Option("--bars", min=2, help="So many bars of data.")]
Data = Annotated[
    str | None,
    typer.Option(help="synthetic, real, or another source as csv:PATH.", show_default="the scenario's"),
]
Json = Annotated[Path | None, typer.Option("--json", help="Write it here as JSON.")]
Html = Annotated[Path | None, typer.Option("--html", help="Write a page here, to open in a browser.")]
Out = Annotated[Path | None, typer.Option(help="Keep results in this folder, each behind those of its name.")]
Cache = Annotated[
    Path | None,
    typer.Option(
        file_okay=False,
        help="Keep downloads of ccxt in this folder; an interrupted one goes on.",
        show_default="none",
    ),
]
Own = Annotated[
    str, typer.Option("--components", help="module:factory of the trading system.", show_default="bundled")
]
Set = Annotated[list[str] | None, typer.Option("--set", help="A parameter: drop_pct=0.2; any number.")]
Seconds = Annotated[
    float | None, typer.Option("--timeout", min=0.001, help="Seconds for each scenario.", show_default="60")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Sources = Annotated[
    str | None,
    typer.Option("--data", help="Sources, with commas between.", show_default="--library: synthetic,real"),
]
Workers = Annotated[int | None, typer.Option(min=1, help="So many processes at once at most.")]
Sequential = Annotated[bool, typer.Option("--sequential", help="One after another.")]
All = Annotated[bool, typer.Option("--library", help="All scenarios of the library.")]
Later = Annotated[
    Path | None, typer.Argument(help="The later one.", show_default="a folder: its latest results")
]
FailOn = Annotated[
    list[str] | None,
    typer.Option(help="This alone: max_drawdown=0.02 (how much worse), sharpe_ratio=10%; any number."),
]
Thresholds = Annotated[
    Path | None, typer.Option(help="A TOML file: how much worse is tolerated, of each metric.")
]
Kept = Annotated[Path, typer.Argument(help="A result or a batch as JSON, or a folder of results.")]

Load = Annotated[
    list[str] | None,
    typer.Option(metavar="MODULE", help="Imported first: it may add types of scenario; any number."),
]

app = typer.Typer(
    name="stress", help="Runs a trading system through crashes, droughts and failures.", no_args_is_help=True
)


@app.callback()
def needed(context: typer.Context, load: Load = None) -> None:
    """Runs a trading system through crashes, droughts and failures."""
    optional("pydantic", "Stress tests need what is", "stress")
    context.obj = tuple(load or ())
    for module in context.obj:
        imported(module)


@app.command(name="list")
def list_(as_json: AsJson = False) -> int:
    """Lists the scenarios of the library."""
    from hedgecheck.stress import parts
    from hedgecheck.stress.summary import scenarios_of

    library = parts.library()
    scenarios = [library.get(name) for name in library.names()]
    if as_json:
        typer.echo(json.dumps(parts.rows_of(scenarios), indent=1))
        return 0
    open_console().print(scenarios_of(scenarios))
    return 0


@app.command()
def run(
    context: typer.Context,
    scenario: Named,
    seed: Seed = None,
    bars: Bars_ = None,
    data: Data = None,
    json_path: Json = None,
    html: Html = None,
    out: Out = None,
    cache: Cache = None,
    components: Own = "",
    settings: Set = None,
    timeout: Seconds = None,
) -> int:
    """Runs one scenario."""
    from hedgecheck.stress import parts
    from hedgecheck.stress.asking import chosen, with_data, with_parameters
    from hedgecheck.stress.summary import show_result
    from hedgecheck.stress.watching import Bars
    from hedgecheck.stress.wording import verdict_of

    found = chosen(scenario, parts.library)
    if len(found) > 1:
        raise UsageError(f"{scenario} holds {len(found)} scenarios. Run it with hedgecheck stress batch.")
    told = [*_loads(context), "run", scenario]
    told += _told(seed=seed, bars=bars, data=data, cache=cache, components=components, timeout=timeout)
    told += [f"--set={each}" for each in settings or ()]
    outputs = Outputs(json_path, html)
    console = _begun(told, outputs)
    asked = with_parameters(found[0], settings or (), bars)
    asked = asked if seed is None else replace(asked, seed=seed)
    asked = asked if data is None else with_data(asked, data)
    runner = _runner(components, cache, out)
    with Bars(console) as watch:
        result = runner.run(asked, timeout_seconds=timeout, watch=watch)
    show_result(result, console)
    _write_result(result, outputs, console)
    return CODES[verdict_of(result).kind]


@app.command()
def batch(
    context: typer.Context,
    scenarios: AllNamed = None,
    library: All = False,
    bars: Bars_ = None,
    data: Sources = None,
    max_workers: Workers = None,
    sequential: Sequential = False,
    timeout: Seconds = None,
    json_path: Json = None,
    html: Html = None,
    out: Out = None,
    cache: Cache = None,
    components: Own = "",
) -> int:
    """Runs many scenarios side by side; Ctrl-C keeps what is finished."""
    from hedgecheck.stress.summary import show_batch
    from hedgecheck.stress.watching import Bars

    names = scenarios or []
    if bool(names) == library:
        raise UsageError("Name scenarios or files, or take --library for all of the library.")
    told = [*_loads(context), "batch", *names, *_told(library=library, sequential=sequential)]
    told += _told(bars=bars, data=data, max_workers=max_workers, timeout=timeout)
    told += _told(cache=cache, components=components)
    outputs = Outputs(json_path, html)
    console = _begun(told, outputs)
    runner = _runner(components, cache, out)
    asked = _on_data(names, bars, data or (DATA_OF_LIBRARY if library else ""))
    with Bars(console) as watch:
        done = runner.run_batch(
            asked, parallel=not sequential, max_workers=max_workers, timeout_seconds=timeout, watch=watch
        )
    show_batch(done, console)
    _write_batch(done, outputs, console)
    return _code(done)


def _on_data(names: list[str], bars: int | None, data: str) -> list["Scenario"]:
    """Scenarios by name or from files, all of the library where none is named, each on all of the data, which
    have commas between; on its own where there is nothing."""
    from hedgecheck.stress import parts
    from hedgecheck.stress.asking import chosen, sources_in, with_data, with_parameters

    found = [each for name in names or parts.library().names() for each in chosen(name, parts.library)]
    asked = [with_parameters(each, (), bars) for each in found]
    return [with_data(each, source) if source else each for each in asked for source in sources_in(data)]


@app.command(name="compare")
def compare_(
    old: Kept,
    new: Later = None,
    fail_on: FailOn = None,
    thresholds: Thresholds = None,
    json_path: Json = None,
) -> int:
    """Compares an earlier result, batch or folder with a later one; 1 where something regressed."""
    from hedgecheck.stress import parts
    from hedgecheck.stress.asking import paired
    from hedgecheck.stress.comparing import Tolerances, compare, read_tolerances, tolerance_of
    from hedgecheck.stress.results import canonical
    from hedgecheck.stress.summary import show_comparison

    if json_path is not None:
        writable(json_path)
    console = open_console()
    tolerances = Tolerances() if thresholds is None else read_tolerances(thresholds)
    if fail_on:
        named = tuple(map(tolerance_of, fail_on))
        tolerances = replace(tolerances, named=named, named_alone=True)
    pairs, missing = paired(old, new)
    compared = [compare(before, now, parts.registry(), tolerances) for before, now in pairs]
    for each in compared:
        show_comparison(each, console)
    for name in missing:
        console.print(Text(f"{name}: unknown, it has no later result", style="yellow"), soft_wrap=True)
    if json_path is not None:
        write(json_path, canonical([each.to_json() for each in compared]) + "\n")
    regressed = any(each.regressed for each in compared)
    return 1 if regressed else 2 if missing else 0


@app.command()
def show(kept: Kept, as_json: AsJson = False, html: Html = None) -> int:
    """Shows a kept result with all of its metrics, or a batch; of a folder the latest of each name."""
    from hedgecheck.stress import parts
    from hedgecheck.stress.asking import kept_in
    from hedgecheck.stress.results import canonical, written
    from hedgecheck.stress.summary import show_batch, show_result

    outputs = Outputs(html=html)
    outputs.check()
    done = kept_in(kept)
    alone = done.results[0] if done.total_scenarios == 1 else None
    if as_json:
        typer.echo(written(alone) if alone else canonical(done.to_json()), nl=alone is None)
        return 0
    console = open_console()
    if alone is not None:
        show_result(alone, console, parts.registry())
        _write_result(alone, outputs, console)
        return 0 if alone.success else 1
    show_batch(done, console)
    _write_batch(done, outputs, console)
    return _code(done)


def _loads(context: typer.Context) -> list[str]:
    """What was imported first, as it was written."""
    return [f"--load={module}" for module in context.obj]


def _told(**options: Any) -> list[str]:
    """Options as they are written, of those that were given; a seed of 0 was."""
    told: list[str] = []
    for name, value in options.items():
        if value is None or value is False or value == "":
            continue
        told += [f"--{name.replace('_', '-')}", *([] if value is True else [str(value)])]
    return told


def _begun(told: list[str], outputs: Outputs) -> Console:
    """Says how to do it again, once it is clear that what is asked for can be written."""
    outputs.check()
    console = open_console()
    console.print(Text(shlex.join(["hedgecheck", "stress", *told]), style="dim"), soft_wrap=True)
    return console


def _runner(components: str, cache: Path | None, out: Path | None) -> "StressTestRunner":
    from hedgecheck.stress import parts
    from hedgecheck.stress.keeping import ResultDirectory
    from hedgecheck.stress.runner import StressTestRunner

    if components:
        loaded(components)  # what cannot be loaded is told before anything runs
    store = None if out is None else ResultDirectory(out)
    return StressTestRunner(partial(parts.executor_of, components, cache), store)


def _code(done: "BatchResult") -> int:
    """Broken beats unknown beats holds."""
    from hedgecheck.stress.wording import verdict_of

    if done.successful < len(done.results):
        return 1
    is_unknown = any(verdict_of(each).kind == "unknown" for each in done.results)
    return 2 if done.partial or is_unknown else 0


def _write_result(result: "ScenarioResult", outputs: Outputs, console: Console) -> None:
    from hedgecheck.stress import parts
    from hedgecheck.stress.page import result_page
    from hedgecheck.stress.results import written

    if outputs.json is not None:
        _written(outputs.json, written(result), console)
    if outputs.html is not None:
        _written(outputs.html, result_page(result, parts.registry()), console)


def _write_batch(done: "BatchResult", outputs: Outputs, console: Console) -> None:
    from hedgecheck.stress.page import batch_page
    from hedgecheck.stress.results import canonical

    if outputs.json is not None:
        _written(outputs.json, canonical(done.to_json()) + "\n", console)
    if outputs.html is not None:
        _written(outputs.html, batch_page(done), console)


def _written(path: Path, text: str, console: Console) -> None:
    write(path, text)
    console.print(Text(f"wrote {path}", style="dim"), soft_wrap=True)
