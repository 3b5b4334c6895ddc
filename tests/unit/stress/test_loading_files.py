"""Bars from a user's own files: as exchanges and people write them, and as they break them."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hedgecheck import UsageError
from hedgecheck.errors import PackageMissing
from hedgecheck.stress.loading import Loaded, ScenarioLoader
from tests.unit.stress.days import day_ending
from tests.unit.stress.kline_server import HOUR_MS, candle

BEGINS_MS = 1_621_382_400_000  # 2021-05-19 00:00
BARS = 30
HEADER = "timestamp,open,high,low,close,volume"


def rows(symbol: str = "", begins: int = 0, bars: int = BARS) -> list[list[str]]:
    hours = range(BEGINS_MS // HOUR_MS + begins, BEGINS_MS // HOUR_MS + begins + bars)
    return [[*([symbol] if symbol else []), *map(str, candle(hour)[:6])] for hour in hours]


def written(path: Path, header: str, lines: list[list[str]], separator: str = ",") -> str:
    text = "\n".join([*([header] if header else []), *(separator.join(line) for line in lines)])
    path.write_text(text + "\n", encoding="utf-8")
    return f"csv:{path}"


def loaded(source: str, symbols: tuple[str, ...] = ("BTCUSDT",), **asked: object) -> Loaded:
    return ScenarioLoader().load(symbols, source, **{"bars": BARS, **asked})


def is_as_written(found: Loaded, column: int = 0, begins: int = 0, bars: int = BARS) -> bool:
    market = found.market
    wrote = np.array(rows(begins=begins, bars=bars), dtype=np.float64)
    said = np.column_stack(
        [getattr(market, name)[:, column] for name in ("open", "high", "low", "close", "volume")]
    )
    ends = (wrote[:, 0].astype(np.int64) + HOUR_MS) * 1_000_000
    return (said == wrote[:, 1:]).all() and market.time_ns.tolist() == ends.tolist()


# ---- spellings -------------------------------------------------------------------------------------------


@pytest.mark.covers("ST-10")
@pytest.mark.parametrize(
    "header",
    [
        HEADER,
        "Date,Open,High,Low,Close,Volume",
        "time,o,h,l,c,v",
        "Open time,Open,High,Low,Close,Volume",
        "\ufeffunix,OPEN,HIGH,LOW,CLOSE,VOL",
        '"open_time","open","high","low","close","volume"',
    ],
)
def test_columns_are_found_however_they_are_spelled(tmp_path: Path, header: str) -> None:
    assert is_as_written(loaded(written(tmp_path / "a.csv", header, rows())))


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_columns_may_stand_in_any_order_with_others_between(tmp_path: Path, separator: str) -> None:
    lines = [[row[5], "x", row[4], row[3], row[0], row[2], row[1]] for row in rows()]
    header = separator.join(("volume", "note", "close", "low", "date", "high", "open"))

    assert is_as_written(loaded(written(tmp_path / "a.csv", header, lines, separator)))


@pytest.mark.covers("SD-01")
@pytest.mark.parametrize("columns", [12, 6])
def test_an_export_of_binance_has_no_line_of_names(tmp_path: Path, columns: int) -> None:
    hours = range(BEGINS_MS // HOUR_MS, BEGINS_MS // HOUR_MS + BARS)
    lines = [[str(each) for each in candle(hour)[:columns]] for hour in hours]

    assert is_as_written(loaded(written(tmp_path / "a.csv", "", lines)))


@pytest.mark.parametrize("unit", [1 / 1_000, 1, 1_000, 1_000_000])
@pytest.mark.parametrize("form", [int, float])
def test_an_epoch_is_in_the_unit_of_its_size(tmp_path: Path, unit: float, form: type) -> None:
    lines = [[str(form(int(row[0]) * unit)), *row[1:]] for row in rows()]

    assert is_as_written(loaded(written(tmp_path / "a.csv", HEADER, lines)))


def test_a_date_may_be_a_whole_number(tmp_path: Path) -> None:
    days = [f"2021050{day}" for day in range(1, 10)]
    source = written(tmp_path / "a.csv", HEADER, [[day, "1", "2", "1", "2", "9"] for day in days])

    ends = loaded(source, bar_seconds=86_400).market.time_ns
    assert [day_ending(end) for end in ends] == [f"2021-05-0{day}" for day in range(1, 10)]


def test_an_epoch_is_exact_though_it_is_written_as_a_float(tmp_path: Path) -> None:
    lines = [[f"{int(row[0]) + 1}.0", *row[1:]] for row in rows()]

    found = loaded(written(tmp_path / "a.csv", HEADER, lines))

    assert found.market.time_ns[0] == (BEGINS_MS + HOUR_MS + 1) * 1_000_000


def test_a_file_may_change_its_unit(tmp_path: Path) -> None:
    lines = [[row[0] + "000" * (at >= 15), *row[1:]] for at, row in enumerate(rows())]

    assert is_as_written(loaded(written(tmp_path / "a.csv", HEADER, lines)))


@pytest.mark.parametrize(
    "form",
    ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+00:00", "%Y-%m-%d %H:%M", "%Y%m%dT%H%M%S"],
)
def test_a_time_may_be_written_as_iso_8601(tmp_path: Path, form: str) -> None:
    lines = [[f"{datetime.fromtimestamp(int(row[0]) / 1_000, UTC):{form}}", *row[1:]] for row in rows()]

    assert is_as_written(loaded(written(tmp_path / "a.csv", HEADER, lines)))


def test_a_time_with_an_offset_is_in_utc(tmp_path: Path) -> None:
    source = written(tmp_path / "a.csv", HEADER, [["2021-05-19T02:00+02:00", *rows()[0][1:]]])

    assert is_as_written(loaded(source, bars=1), bars=1)


def test_days_without_weekends_are_those_of_a_stock_and_others_are_not(tmp_path: Path) -> None:
    days = np.arange("2021-05-03", "2021-06-03", dtype="datetime64[D]")
    week = [[str(day), "1", "2", "1", "2", "9"] for day in days]
    work = [row for row, day in zip(week, days, strict=True) if np.is_busday(day)]
    stock = loaded(written(tmp_path / "stock.csv", HEADER, work), bar_seconds=86_400)
    coin = loaded(written(tmp_path / "coin.csv", HEADER, week), bar_seconds=86_400)

    assert (stock.bars_per_year, coin.bars_per_year) == (252, 365)
    assert [each.kind for each in stock.quality.issues] == ["stale"]


def test_bars_of_another_length_than_asked_are_said_to_be(tmp_path: Path) -> None:
    found = loaded(written(tmp_path / "a.csv", HEADER, rows()), bar_seconds=60)

    assert "The bars are of 3,600 s, not 60 s." in found.notes
    assert found.bars_per_year == 8_760


# ---- several symbols -------------------------------------------------------------------------------------


def test_symbols_in_one_file_are_told_apart_by_their_column(tmp_path: Path) -> None:
    lines = [row for pair in zip(rows("ETHUSDT"), rows("BTCUSDT", 7), strict=True) for row in pair]
    source = written(tmp_path / "a.csv", f"symbol,{HEADER}", lines)

    found = loaded(source, ("BTC/USDT", "ETHUSDT"))

    assert is_as_written(found, 0, 7, BARS - 7)
    assert is_as_written(found, 1, 7, BARS - 7)
    assert "BTC/USDT: 7 of 30 bars are left out: others lack them." in found.notes
    assert "There are 23 bars where 30 were asked for." in found.notes


def test_each_symbol_may_have_a_file_of_its_own(tmp_path: Path) -> None:
    for symbol in ("BTCUSDT", "ETHUSDT"):
        written(tmp_path / f"{symbol}-1h.csv", HEADER, rows())

    found = loaded(f"csv:{tmp_path}/{{symbol}}-1h.csv", ("BTCUSDT", "ETH/USDT"))

    assert is_as_written(found, 0)
    assert is_as_written(found, 1)


@pytest.mark.parametrize("times", ["int64", "timestamp[us]", "timestamp[ns, tz=Europe/Berlin]"])
def test_parquet_holds_the_same(tmp_path: Path, times: str) -> None:
    columns = np.array(rows(), dtype=np.float64).T
    unit = 1_000_000 if "ns" in times else 1_000 if "us" in times else 1
    kind = {"int64": pa.int64(), "timestamp[us]": pa.timestamp("us")}.get(
        times, pa.timestamp("ns", "Europe/Berlin")
    )
    stamps = pa.array(columns[0].astype(np.int64) * unit).cast(kind)
    table = dict(zip(("open", "high", "low", "close", "volume"), columns[1:], strict=True))
    pq.write_table(pa.table({"date": stamps, **table}), tmp_path / "a.parquet")

    assert is_as_written(loaded(f"parquet:{tmp_path}/a.parquet"))


def test_the_same_file_is_the_same_market(tmp_path: Path) -> None:
    source = written(tmp_path / "a.csv", HEADER, rows())

    assert loaded(source).market.digest() == loaded(source).market.digest()


# ---- what is put in order, and what is refused -----------------------------------------------------------


def test_rows_in_the_wrong_order_and_rows_twice_are_put_in_order_and_told(tmp_path: Path) -> None:
    lines = rows()
    lines[4], lines[5] = lines[5], lines[4]
    lines.insert(10, lines[9])

    found = loaded(written(tmp_path / "a.csv", HEADER, lines))

    assert is_as_written(found)
    assert [(each.kind, each.bar) for each in found.quality.issues] == [
        ("duplicate", 10),
        ("out_of_order", 5),
    ]


@pytest.mark.covers("ST-11")
@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (1, "", "not_a_number.*bar 12 .2021-05-19 12:00"),
        (2, "inf", "not_a_number"),
        (3, "0", "not_positive"),
        (3, "-5", "not_positive"),
        (2, "1", "high_below_low"),
        (4, "500", "outside_range.*close=500"),
        (5, "-1", "bad_volume"),
        (5, "nan", "not_a_number"),
        (0, rows()[11][0], "conflict"),
    ],
)
def test_a_bar_that_no_market_made_refuses_the_file_and_is_named(
    tmp_path: Path, column: int, value: str, said: str
) -> None:
    lines = rows()
    lines[12][column] = value

    with pytest.raises(UsageError, match=f"(?s)cannot be used.*BTCUSDT: 1 x {said}.*Leave these bars out"):
        loaded(written(tmp_path / "a.csv", HEADER, lines))


def test_a_range_without_the_wrong_bar_can_be_used(tmp_path: Path) -> None:
    lines = rows()
    lines[12][1] = ""

    found = loaded(written(tmp_path / "a.csv", HEADER, lines), first="2021-05-19T13:00")

    assert is_as_written(found, begins=13, bars=BARS - 13)


def test_a_last_day_is_taken_whole_and_a_last_time_with_its_bar(tmp_path: Path) -> None:
    source = written(tmp_path / "a.csv", HEADER, rows())

    assert len(loaded(source, first="2021-05-19", last="2021-05-19").market) == 24
    assert len(loaded(source, first="2021-05-19", last="2021-05-19T05:00").market) == 6


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        (1, "12,5 USD", "open in row 13"),
        (5, "much", "volume in row 13"),
        (0, "noon", "time in row 13"),
        (0, "", "time"),
    ],
)
def test_a_text_in_place_of_a_number_is_found(tmp_path: Path, column: int, value: str, said: str) -> None:
    lines = rows()
    lines[12][column] = f'"{value}"'

    with pytest.raises(UsageError, match=f"a.csv: {said}"):
        loaded(written(tmp_path / "a.csv", HEADER, lines))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (HEADER.encode() + b"\n", "has no rows"),
        (
            b"time,open,high,low,volume\n1,2,3,4,5\n",
            "no column for close. It has time, open, high, low, volume",
        ),
        (b"1,2,3\n", "no line of names, and 3 columns"),
        (HEADER.encode() + b"\n1,2,3\n", "cannot be read as csv"),
        (HEADER.encode() + b"\n1,2,3,4,5,\xff\n", "a.csv"),
    ],
)
def test_a_file_that_is_no_table_of_bars_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a.csv").write_bytes(content)

    with pytest.raises(UsageError, match=said):
        loaded(f"csv:{tmp_path}/a.csv")


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1 cut off")

    with pytest.raises(UsageError, match=r"is a folder. Name the file, or .*/\{symbol\}\.csv"):
        loaded(f"csv:{tmp_path}")
    with pytest.raises(UsageError, match="There is no file"):
        loaded(f"csv:{tmp_path}/b.csv")
    with pytest.raises(UsageError, match="There is no file"):
        loaded(f"parquet:{tmp_path}/b.parquet")
    with pytest.raises(UsageError, match="cannot be read as parquet"):
        loaded(f"parquet:{tmp_path}/a.parquet")


def test_symbols_that_a_file_does_not_have_are_named(tmp_path: Path) -> None:
    plain = written(tmp_path / "a.csv", HEADER, rows())
    long = written(tmp_path / "b.csv", f"symbol,{HEADER}", rows("ETHUSDT") + rows("SOLUSDT", 100))

    with pytest.raises(UsageError, match="has no column symbol, so it is of one symbol"):
        loaded(plain, ("BTCUSDT", "ETHUSDT"))
    with pytest.raises(UsageError, match="no rows of BTCUSDT"):
        loaded(long)
    with pytest.raises(
        UsageError, match="no bar in common: ETHUSDT from 2021-05-19T00:00 to 2021-05-20T05:00"
    ):
        loaded(long, ("ETHUSDT", "SOLUSDT"))


def test_bars_of_different_lengths_do_not_make_a_market(tmp_path: Path) -> None:
    lines = rows("ETHUSDT") + rows("SOLUSDT")[::2]
    source = written(tmp_path / "a.csv", f"symbol,{HEADER}", lines)

    with pytest.raises(UsageError, match="not equally long: ETHUSDT 3,600 s, SOLUSDT 7,200 s"):
        loaded(source, ("ETHUSDT", "SOLUSDT"))


def test_without_pyarrow_it_is_said_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = written(tmp_path / "a.csv", HEADER, rows())
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)

    with pytest.raises(PackageMissing, match=r"hedgecheck\[stress\]"):
        loaded(source)
