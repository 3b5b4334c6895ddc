"""Histories by ccxt's own Binance class over loopback HTTP: paged, kept, gone on with, and mistrusted."""

import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hedgecheck import UsageError
from hedgecheck.errors import DataUnavailable
from hedgecheck.stress.loading import Loaded, ScenarioLoader
from tests.unit.stress.kline_server import HOUR_MS, Klines, candle, serving

FIRST_HOUR = 450_000  # 2021-05-03 00:00, and a page begins there
FIRST = "2021-05-03"
MANY = 10**9


class Interrupted(BaseException):
    """Somebody pressed a key, or killed the process."""


def unreachable(name: str) -> Any:
    raise AssertionError(f"{name} was connected to")


def loaded(
    connected: Callable[[str], Any],
    cache: Path | None,
    *,
    bars: int = 2_500,
    first: str = FIRST,
    last: str = "",
    paused: list[float] | None = None,
    source: str = "ccxt:binance",
) -> Loaded:
    loader = ScenarioLoader(cache, connected=connected, pause=([] if paused is None else paused).append)
    return loader.load(("BTCUSDT",), source, bars=bars, first=first, last=last)


def over(klines: Klines, cache: Path | None, **asked: Any) -> Loaded:
    with serving(klines) as exchange:
        return loaded(lambda name: exchange, cache, **asked)


def hours(found: Loaded) -> list[int]:
    """When the bars begin."""
    return ((found.market.time_ns // 1_000_000 - HOUR_MS) // HOUR_MS).tolist()


# ---- paging ----------------------------------------------------------------------------------------------


@pytest.mark.covers("SD-01", "ST-10")
def test_every_candle_of_the_range_is_there_once_as_the_exchange_wrote_it(tmp_path: Path) -> None:
    klines = Klines(FIRST_HOUR - 100, FIRST_HOUR + 5_000)

    found = over(klines, tmp_path)

    assert hours(found) == list(range(FIRST_HOUR, FIRST_HOUR + 2_500))
    wrote = np.array([candle(hour)[1:6] for hour in hours(found)], dtype=np.float64)
    market = found.market
    np.testing.assert_array_equal(
        np.column_stack([market.open, market.high, market.low, market.close, market.volume]), wrote
    )
    assert [each["startTime"] for each in klines.asked] == [
        str((FIRST_HOUR + page * 1_000) * HOUR_MS) for page in range(3)
    ]
    assert found.bars_per_year == 8_760
    assert found.quality.verdict == "usable"


def test_the_limiter_of_ccxt_lets_each_request_pass(tmp_path: Path) -> None:
    klines = Klines(FIRST_HOUR, FIRST_HOUR + 5_000)

    over(klines, tmp_path)

    assert klines.throttled >= len(klines.asked) == 3


def test_an_exchange_that_gives_fewer_at_once_is_asked_until_the_page_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.unit.stress.kline_server.LIMIT_MAX", 300)
    klines = Klines(FIRST_HOUR, FIRST_HOUR + 5_000)

    found = over(klines, tmp_path, bars=1_000)

    assert hours(found) == list(range(FIRST_HOUR, FIRST_HOUR + 1_000))
    assert len(klines.asked) == 4


def test_an_outage_of_the_exchange_is_a_gap_and_not_the_end(tmp_path: Path) -> None:
    outage = range(FIRST_HOUR + 900, FIRST_HOUR + 1_100)

    found = over(Klines(FIRST_HOUR, FIRST_HOUR + 5_000, outage), tmp_path, bars=2_000)

    assert hours(found) == [hour for hour in range(FIRST_HOUR, FIRST_HOUR + 2_000) if hour not in outage]
    assert [(each.kind, each.bar) for each in found.quality.issues] == [("gap", 900)]
    assert "There are 1,800 bars where 2,000 were asked for." in found.notes


def test_only_an_end_asks_for_the_bars_before_it() -> None:
    found = over(Klines(FIRST_HOUR, FIRST_HOUR + 100), None, bars=24, first="", last=FIRST)

    assert hours(found) == list(range(FIRST_HOUR, FIRST_HOUR + 24))
    assert "Nothing is kept of the download: there is no cache." in found.notes


def test_a_candle_that_is_not_over_is_neither_given_nor_kept(tmp_path: Path) -> None:
    klines = Klines(FIRST_HOUR, FIRST_HOUR + 100)
    with serving(klines) as exchange:
        exchange.milliseconds = lambda: (FIRST_HOUR + 50) * HOUR_MS + 1_000
        found = loaded(lambda name: exchange, tmp_path, bars=100)

    assert hours(found) == list(range(FIRST_HOUR, FIRST_HOUR + 50))
    assert len(klines.asked) == 1
    assert not list(tmp_path.rglob("*.json"))


# ---- kept, and gone on with ------------------------------------------------------------------------------


@pytest.mark.covers("SR-27", "SD-01")
def test_a_range_that_was_fetched_needs_no_network_no_lock_and_no_ccxt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = over(Klines(FIRST_HOUR, FIRST_HOUR + 5_000), tmp_path)
    for package in ("ccxt", "filelock"):
        monkeypatch.setitem(sys.modules, package, None)

    again = loaded(unreachable, tmp_path)

    assert again.market.digest() == before.market.digest()


@pytest.mark.covers("SR-27")
def test_a_range_that_overlaps_asks_for_the_pages_that_are_not_there(tmp_path: Path) -> None:
    over(Klines(FIRST_HOUR, FIRST_HOUR + 5_000), tmp_path, bars=1_500)
    klines = Klines(FIRST_HOUR, FIRST_HOUR + 5_000)

    over(klines, tmp_path, bars=3_000)

    assert [each["startTime"] for each in klines.asked] == [str((FIRST_HOUR + 2_000) * HOUR_MS)]


@pytest.mark.covers("SR-27")
@pytest.mark.parametrize("after", [0, 1, 2])
def test_an_interrupted_download_goes_on_where_it_stopped(tmp_path: Path, after: int) -> None:
    klines = Klines(FIRST_HOUR, FIRST_HOUR + 5_000)
    with serving(klines) as exchange:
        fetch = exchange.fetch_ohlcv

        def interrupted(*asked: Any) -> Any:
            if len(klines.asked) == after:
                raise Interrupted
            return fetch(*asked)

        exchange.fetch_ohlcv = interrupted
        with pytest.raises(Interrupted):
            loaded(lambda name: exchange, tmp_path)
        exchange.fetch_ohlcv = fetch
        found = loaded(lambda name: exchange, tmp_path)

    assert hours(found) == list(range(FIRST_HOUR, FIRST_HOUR + 2_500))
    assert len({each["startTime"] for each in klines.asked}) == len(klines.asked) == 3


@pytest.mark.covers("SR-27")
def test_downloads_at_the_same_time_ask_for_each_page_once_and_all_have_it(tmp_path: Path) -> None:
    klines = Klines(FIRST_HOUR, FIRST_HOUR + 5_000)
    with ExitStack() as servers, ThreadPoolExecutor(4) as pool:
        exchanges = [servers.enter_context(serving(klines)) for _ in range(4)]
        found = list(pool.map(lambda each: loaded(lambda name: each, tmp_path), exchanges))

    assert {each.market.digest() for each in found} == {loaded(unreachable, tmp_path).market.digest()}
    assert len(klines.asked) == 3
    assert not list(tmp_path.rglob("*.tmp"))


# ---- mistrusted ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sabotage", ["cut", "hung up", "empty", "busy", "down"])
def test_a_broken_answer_is_asked_for_again_and_nothing_is_missing(tmp_path: Path, sabotage: str) -> None:
    klines, paused = Klines(FIRST_HOUR, FIRST_HOUR + 5_000), []
    klines.sabotage = ["", sabotage, sabotage]

    found = over(klines, tmp_path, paused=paused)

    assert hours(found) == list(range(FIRST_HOUR, FIRST_HOUR + 2_500))
    assert paused == [1.0, 2.0]


@pytest.mark.parametrize(
    ("sabotage", "why"),
    [
        ("cut", "no list of candles"),
        ("empty", "no list of candles"),
        ("busy", "DDoSProtection, .*429"),
        ("down", "ExchangeNotAvailable, .*503"),
    ],
)
def test_an_exchange_that_stays_broken_is_given_up_and_what_was_fetched_is_kept(
    tmp_path: Path, sabotage: str, why: str
) -> None:
    klines, paused = Klines(FIRST_HOUR, FIRST_HOUR + 5_000), []
    klines.sabotage = ["", *[sabotage] * 50]

    with pytest.raises(
        DataUnavailable, match=f"binance: no candles of BTC/USDT 1h: .*{why}.*the same call goes on"
    ):
        over(klines, tmp_path, paused=paused)

    assert paused == [1.0, 2.0, 4.0, 8.0]
    assert len(klines.asked) == 6
    assert len(list(tmp_path.rglob("*.json"))) == 1


def test_a_refusal_is_not_asked_again(tmp_path: Path) -> None:
    klines, paused = Klines(FIRST_HOUR, FIRST_HOUR + 5_000), []
    klines.sabotage = ["banned"]

    with pytest.raises(DataUnavailable, match="Invalid API-key"):
        over(klines, tmp_path, paused=paused)

    assert paused == []


@pytest.mark.parametrize(
    "damage", [b"", b'{"digest": "0', b"[]", b"\xff\xfe", b'{"digest": "x", "rows": []}']
)
def test_a_damaged_page_is_fetched_again_and_that_is_said(tmp_path: Path, damage: bytes) -> None:
    before = over(Klines(FIRST_HOUR, FIRST_HOUR + 5_000), tmp_path)
    page = sorted(tmp_path.rglob("*.json"))[1]
    page.write_bytes(damage)
    klines = Klines(FIRST_HOUR, FIRST_HOUR + 5_000)

    again = over(klines, tmp_path)

    assert again.market.digest() == before.market.digest()
    assert len(klines.asked) == 1
    assert "Pages of the cache that were damaged, and fetched again: 1." in again.notes


def test_a_page_whose_numbers_were_changed_is_damaged(tmp_path: Path) -> None:
    over(Klines(FIRST_HOUR, FIRST_HOUR + 5_000), tmp_path)
    page = sorted(tmp_path.rglob("*.json"))[0]
    kept = json.loads(page.read_text())
    kept["rows"][5][4] *= 3
    page.write_text(json.dumps(kept))

    assert "damaged" in str(over(Klines(FIRST_HOUR, FIRST_HOUR + 5_000), tmp_path).notes)


def test_a_full_disk_is_said_and_leaves_a_cache_that_is_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced = os.fsync
    calls = []

    def full(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        synced(handle)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataUnavailable, match="cannot be written: No space left on device"):
        over(Klines(FIRST_HOUR, FIRST_HOUR + 5_000), tmp_path)
    left = sorted(each.name for each in tmp_path.rglob("*") if each.is_file())
    klines = Klines(FIRST_HOUR, FIRST_HOUR + 5_000)
    found = over(klines, tmp_path)

    assert [each for each in left if each != "fetching.lock"] == [f"{FIRST_HOUR * HOUR_MS}.json"]
    assert hours(found) == list(range(FIRST_HOUR, FIRST_HOUR + 2_500))
    assert len(klines.asked) == 2


@pytest.mark.parametrize("at", ["", "klines/binance/BTC-USDT/1h/1620000000000.json"])
def test_a_cache_that_is_no_folder_or_holds_a_folder_for_a_page_cannot_be_used(
    tmp_path: Path, at: str
) -> None:
    cache = tmp_path / "cache"
    if at:
        (cache / at).mkdir(parents=True)
    else:
        cache.write_text("a file")

    with pytest.raises(DataUnavailable, match=r"The cache .* cannot be"):
        over(Klines(FIRST_HOUR, FIRST_HOUR + 5_000), cache)


def test_an_exchange_that_does_not_page_is_told_from_one_that_has_no_more(tmp_path: Path) -> None:
    class Stuck:
        def milliseconds(self) -> int:
            return 10**13

        def fetch_ohlcv(self, symbol: str, frame: str, since: int, limit: int) -> list[list[float]]:
            return [[FIRST_HOUR * HOUR_MS, 1.0, 1.0, 1.0, 1.0, 1.0]]

    with pytest.raises(DataUnavailable, match="does not give candles from a time on"):
        loaded(lambda name: Stuck(), tmp_path)


# ---- arguments -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"first": ""}, "needs first or last"),
        ({"source": "ccxt:nowhere"}, "knows no exchange 'nowhere'"),
        ({"source": "ccxt:binance:1y"}, "'1y' is no timeframe"),
        ({"source": "ccxt:binance:h"}, "'h' is no timeframe"),
    ],
)
def test_what_cannot_be_asked_for_is_refused(asked: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        ScenarioLoader().load(
            ("BTCUSDT",), asked.pop("source", "ccxt:binance"), bars=10, **{"first": FIRST, **asked}
        )


@pytest.mark.parametrize(
    ("symbol", "said"), [("XYZUSDT", "no candles of XYZ/USDT"), ("AAPL", "quote currency")]
)
def test_a_symbol_that_the_exchange_does_not_have_is_named(symbol: str, said: str) -> None:
    with serving(Klines(FIRST_HOUR, FIRST_HOUR + 10)) as exchange, pytest.raises(UsageError, match=said):
        ScenarioLoader(connected=lambda name: exchange).load((symbol,), "ccxt:binance", bars=10, first=FIRST)


def test_a_timeframe_that_is_named_is_that_of_the_bars() -> None:
    found = over(Klines(FIRST_HOUR, FIRST_HOUR + 50), None, bars=10, source="ccxt:binance:1h")

    assert len(found.market) == 10
