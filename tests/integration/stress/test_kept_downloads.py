"""``hedgecheck stress --cache``: candles that were downloaded once are not asked for again."""

import json
from pathlib import Path

import pytest

from hedgecheck import cli
from hedgecheck.stress.loading import ScenarioLoader
from tests.unit.stress.kline_server import Klines, serving

FIRST_HOUR, FIRST = 450_000, "2021-05-03"  # and a page begins there
PAGE_BARS = 1_000


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one page of an exchange that nobody can reach any more."""
    for scheme in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(scheme, "http://127.0.0.1:9")
    with serving(Klines(FIRST_HOUR, FIRST_HOUR + 2 * PAGE_BARS)) as exchange:
        loader = ScenarioLoader(tmp_path / "candles", connected=lambda name: exchange)
        loader.load(("BTCUSDT",), "ccxt:binance", bars=PAGE_BARS, first=FIRST)
    return tmp_path / "candles"


@pytest.mark.parametrize("command", [["run"], ["batch", "--sequential"]])
def test_what_was_kept_is_not_asked_for_again(kept: Path, tmp_path: Path, command: list[str]) -> None:
    scenario = tmp_path / "crash.toml"
    parameters = f'source = "ccxt:binance"\nfirst = "{FIRST}"\nbars = {PAGE_BARS}\n'
    scenario.write_text(f'name = "Crash"\ntype = "flash_crash"\n[parameters]\n{parameters}')
    result = tmp_path / "result.json"

    code = cli.call(["stress", *command, str(scenario), "--cache", str(kept), "--json", str(result)])

    told = json.loads(result.read_text())
    told = told["results"][0] if "results" in told else told
    assert code == 0
    assert (told["bars"], told["success"]) == (PAGE_BARS, True)
