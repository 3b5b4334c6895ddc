"""``hedgecheck stress compare`` and ``show``: what is said of results that were kept."""

import json
from pathlib import Path

import pytest

from hedgecheck.stress.batches import BatchResult
from hedgecheck.stress.keeping import ResultDirectory
from hedgecheck.stress.results import canonical, written
from tests.unit.cli.stressing import kit, said, stress
from tests.unit.stress.fakes import crash, scenario

__all__ = ["kit"]
pytestmark = pytest.mark.usefixtures("kit")


def kept(path: Path, **metrics) -> Path:
    result = crash()
    result.metrics = metrics
    path.write_text(written(result))
    return path


def test_compare_exits_1_where_something_regressed(tmp_path: Path, capsys):
    old = kept(tmp_path / "old.json", max_drawdown=0.1, total_pnl=5.0)
    new = kept(tmp_path / "new.json", max_drawdown=0.2, total_pnl=6.0)
    told = tmp_path / "told.json"

    code = stress("compare", old, new, "--json", told)

    assert code == 1
    assert "BTC Flash Crash 2021: regressed: max drawdown" in said(capsys)
    assert json.loads(told.read_text())[0]["regressed"] == ["max_drawdown"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--fail-on", "total_pnl"], 0),
        (["--fail-on", "max_drawdown=0.05"], 1),
        (["--fail-on", "max_drawdown=0.15"], 0),
        (["--fail-on", "max_drawdown=200%"], 0),
        (["--fail-on", "total_pnl", "--fail-on", "max_drawdown"], 1),
    ],
)
def test_fail_on_says_what_counts_and_how_much(tmp_path: Path, options: list[str], code: int):
    old = kept(tmp_path / "old.json", max_drawdown=0.1, total_pnl=5.0)
    new = kept(tmp_path / "new.json", max_drawdown=0.2, total_pnl=6.0)

    assert stress("compare", old, new, *options) == code


def test_thresholds_of_a_file_hold(tmp_path: Path):
    old, new = kept(tmp_path / "old.json", sharpe=1.0), kept(tmp_path / "new.json", sharpe=0.9)
    limits = tmp_path / "limits.toml"
    limits.write_text("[sharpe]\nrelative = 0.2\n")

    assert stress("compare", old, new) == 1
    assert stress("compare", old, new, "--thresholds", limits) == 0


def test_folder_alone_is_compared_with_what_it_held_before(tmp_path: Path, capsys):
    store = ResultDirectory(tmp_path)
    first, second = crash(), crash()
    first.metrics, second.metrics = {"sharpe": 2.0}, {"sharpe": 1.0}
    store.save(first)
    store.save(second)

    assert stress("compare", tmp_path) == 1
    assert "regressed: sharpe" in said(capsys)


def test_scenario_without_a_later_result_is_unknown(tmp_path: Path, capsys):
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(canonical(BatchResult((crash(), crash(scenario("Gone")))).to_json()))
    new.write_text(canonical(BatchResult((crash(), crash(scenario("Come")))).to_json()))

    assert stress("compare", old, new) == 2
    assert "Gone: unknown, it has no later result" in said(capsys)


def test_show_tells_a_result_with_its_metrics_and_writes_its_page(tmp_path: Path, capsys):
    path, page = tmp_path / "x.json", tmp_path / "x.html"
    path.write_text(written(crash()))

    assert stress("show", path, "--html", page) == 0
    assert "refusals │ MAX_HEAT 3, STALE_DATA 1" in said(capsys)
    assert "Timeline" in page.read_text()


def test_show_as_json_is_the_result_as_it_was_kept(tmp_path: Path, capsys):
    path = tmp_path / "x.json"
    path.write_text(written(crash()))

    assert stress("show", path, "--json") == 0
    assert capsys.readouterr().out == path.read_text()


def test_show_of_an_interrupted_batch_is_unknown(tmp_path: Path, capsys):
    path = tmp_path / "b.json"
    path.write_text(canonical(BatchResult((crash(),), ("Left",)).to_json()))

    assert stress("show", path) == 2
    assert "Left unknown" in said(capsys)


def test_metric_that_there_is_not_is_told_with_the_one_that_is_meant(tmp_path: Path, capsys):
    path = kept(tmp_path / "x.json", sharpe=1.0)

    assert stress("compare", path, path, "--fail-on", "max_drawdwn=1") == 64
    assert "Is 'max_drawdown' meant?" in said(capsys)
