"""Bars as they are read, the recount by hand, and what no picture is drawn of."""

import sys
from pathlib import Path

import pytest

from hedgecheck import invariants
from hedgecheck.backtest import Backtest, Recount, draw, load
from hedgecheck.errors import PackageMissing, UsageError
from hedgecheck.messages import Arrived, CapitalAssigned, CreateOrder, Filled, Price, Side
from hedgecheck.prices import daily
from tests.unit.kit.test_backtest import run, sleeve

# ---- bars ------------------------------------------------------------------------------------------------


def test_bars_are_of_the_days_that_all_symbols_have() -> None:
    bars = load(("aapl", "sp500"), "2000-02-01", "2000-03-10")

    assert bars.dates[0] == "2000-03-01"  # the index has days before that
    assert bars.dates == tuple(sorted(bars.dates))
    assert bars.close.shape == (len(bars.dates), 2)


def test_prices_are_in_cents_of_what_a_share_was_split_into_since() -> None:
    bars = load(("aapl",), "2005-02-25", "2005-02-28")
    raw = {each.date: each for each in daily("aapl")}

    assert raw["2005-02-25"].close > raw["2005-02-28"].close * 19 // 10  # two for one
    assert abs(bars.close[1, 0] / bars.close[0, 0] - 1) < 0.03
    assert bars.close[0, 0] == round(raw["2005-02-25"].adjusted_close * 100)
    assert (bars.low <= bars.open).all()
    assert (bars.open <= bars.high).all()


def test_volumes_and_closes_by_symbol() -> None:
    bars = load(("ibm", "msft"), "2007-01-03", "2007-01-05")

    assert bars.volumes("msft").tolist() == [each.volume for each in daily("msft") if each.date in bars.dates]
    assert bars.closes("ibm").tolist() == bars.close[:, 0].tolist()


@pytest.mark.parametrize(
    ("symbols", "dates", "message"),
    [
        (("gold",), ("2007-01-03", "2007-01-05"), "No prices for 'gold'"),
        ((), ("2007-01-03", "2007-01-05"), "No symbol: no common day"),
        (("ibm",), ("2007-01-06", "2007-01-07"), "ibm: no common day from 2007-01-06"),
    ],
)
def test_what_there_are_no_bars_of(symbols: tuple[str, ...], dates: tuple[str, str], message: str) -> None:
    with pytest.raises(UsageError) as refused:
        load(symbols, *dates)

    assert message in str(refused.value)


def test_what_the_bars_do_not_have() -> None:
    with pytest.raises(UsageError, match=r"no bars of 'gold'\. There are bars of ibm"):
        load(("ibm",), "2007-01-03", "2007-01-05").closes("gold")


# ---- the recount -----------------------------------------------------------------------------------------


def recount() -> Recount:
    """A fifth and a half are given out of a million."""
    return Recount(1_000_000, (("m", 2_000), ("p", 5_000)), (("AAA", 100),))


def traded(books: Recount, intent: str | None, side: Side, lots: int, price: int, fee: int = 0) -> None:
    """An order of that intent is taken and filled."""
    name = f"{intent}{side}"
    books.hear(Arrived(CreateOrder(name, "AAA", side, lots, intent=intent)))
    books.hear(Filled(name, f"{name}.1", "AAA", side, lots, price, fee))


def test_fill_is_its_strategys_with_its_fee() -> None:
    books = recount()

    traded(books, "p1", "buy", 10, 110, 7)
    books.hear(Price("AAA", 120))

    assert books.cash == {"": 300_000, "m": 200_000, "p": 500_000 - 1_107}
    assert books.capitals() == {"": 300_000, "m": 200_000, "p": 500_093}
    assert books.profits() == {"": 0, "m": 0, "p": 93}
    assert (books.fees, books.positions(), books.holds("p1")) == ({"p": 7}, {"AAA": 10}, True)


def test_position_is_of_all_intents_and_gone_where_they_cancel_out() -> None:
    books = recount()

    traded(books, "p1", "buy", 10, 100)
    traded(books, "m1", "sell", 10, 100)
    assert (books.positions(), books.holds("p1"), books.holds("m1")) == ({}, True, True)

    traded(books, "p1", "sell", 10, 100)
    assert (books.positions(), books.holds("p1")) == ({"AAA": -10}, False)


def test_capital_that_moved_is_nobodys_profit_and_told_again_changes_nothing() -> None:
    books = recount()

    for told in (CapitalAssigned("m", 50), CapitalAssigned("p", -50), CapitalAssigned("m", 50)):
        books.hear(told)

    assert books.capitals() == {"": 300_000, "m": 200_050, "p": 499_950}
    assert books.profits() == {"": 0, "m": 0, "p": 0}


def test_fill_of_nobodys_order_is_noted() -> None:
    books = recount()

    traded(books, None, "buy", 1, 100)

    assert [each.trade_id for each in books.unattributed] == ["Nonebuy.1"]
    assert [intent for intent, _ in books.fills] == [""]


# ---- pictures --------------------------------------------------------------------------------------------

NOTHING = sleeve(0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize("kind", ["svg", "png", "pdf"])
def test_picture_is_of_the_kind_that_its_name_says(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"picture.{kind}"

    draw(run(NOTHING), path, "Nothing")

    assert {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[kind] == path.read_bytes()[
        : 4 + (kind == "svg")
    ]


def test_same_backtest_is_the_same_picture(tmp_path: Path) -> None:
    for kind in ("svg", "png", "pdf"):
        one, other = tmp_path / f"one.{kind}", tmp_path / f"other.{kind}"
        draw(run(NOTHING), one)
        draw(run(NOTHING), other)
        assert one.read_bytes() == other.read_bytes()


@pytest.mark.parametrize("name", ["picture.doc", "picture"])
def test_file_that_is_no_picture_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.svg, \.png or \.pdf"):
        draw(run(NOTHING), tmp_path / name)


def test_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"picture\.svg cannot be written: No such file"):
        draw(run(NOTHING), str(tmp_path / "nowhere" / "picture.svg"))


def test_nothing_is_drawn_of_no_day(tmp_path: Path) -> None:
    nothing = Backtest(invariants.Bounds(), recount())

    with pytest.raises(UsageError, match="no day to draw"):
        draw(nothing, tmp_path / "picture.svg")


def test_missing_package_is_named_with_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)

    with pytest.raises(PackageMissing, match=r"matplotlib.*hedgecheck\[stress\]"):
        draw(run(NOTHING), tmp_path / "picture.svg")
