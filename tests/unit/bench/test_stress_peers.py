"""The benchmark beside engines that test strategies on bars: strategy, clock, lines, peers."""

import json

import numpy as np
import pytest

from benchmarks import stress
from benchmarks.stress_peers import environments, with_hedgecheck
from benchmarks.stress_peers.bars import bars_of, counted, targets, written
from benchmarks.stress_peers.clocked import CASH, SLOW, clocked
from benchmarks.stress_peers.environments import Absent, Peer, asked, python_of
from benchmarks.stress_peers.lines import Figure, best, peer_lines

PEER = Peer("Other", "other", "1.0", "other_module", "HEDGECHECK_OTHER_PYTHON", "with_other.py")


def answer(name="hedgecheck", cpu=1.0, wall=1.0, **values):
    given = {"bars": 20_000, "orders": 30, "trades": 10, "equity": 100_500.0}
    return {"name": name, "cpu_seconds": cpu, "wall_seconds": wall, **given, **values}


@pytest.mark.parametrize("seed", [1, 2])
def test_strategy_makes_the_trades_that_are_counted_on_the_same_bars(seed):
    market = bars_of(400, seed)
    sides = targets(market.close[:, 0])

    result = with_hedgecheck.ran(market)

    turns = np.flatnonzero(np.diff(sides, prepend=0)).tolist()
    assert [(each.entry_bar, each.side) for each in result.trades] == [
        (bar + 1, "buy" if sides[bar] > 0 else "sell")
        for bar in turns  # filled when the next has begun
    ]
    assert len(turns) > 5
    assert result.success
    trades, equity = counted(market.close[:, 0])
    orders, made, held = with_hedgecheck.done(result)
    assert (made, held) == (trades, pytest.approx(equity, abs=1e-6))
    assert orders == 2 * trades - 1  # in and out; the last trade is not left


def test_side_is_that_of_the_averages_and_stays_where_they_are_equal():
    rising = [100 + 0.01 * bar for bar in range(SLOW)]
    flat = [rising[-1]] * (SLOW + 5)
    falling = [rising[-1] - 0.01 * bar for bar in range(1, 20)]

    sides = targets(np.array(rising + flat + falling))

    assert sides[: SLOW - 1].tolist() == [0] * (SLOW - 1)
    assert set(sides[SLOW - 1 : 2 * SLOW + 5].tolist()) == {1}
    assert sides[-1] == -1


def test_next_open_is_the_close_so_that_all_trade_at_one_price(tmp_path):
    market = bars_of(50)
    written(market, tmp_path / "bars.npz")

    with np.load(tmp_path / "bars.npz") as kept:
        assert kept["open"][1:].tolist() == kept["close"][:-1].tolist()
        assert (np.rint(kept["close"] * 100) / 100).tolist() == kept["close"].tolist()
        assert with_hedgecheck.market_of(kept).close.tolist() == market.close.tolist()


def test_clock_warms_first_and_says_what_the_first_bars_took(tmp_path, capsys):
    written(bars_of(50), tmp_path / "bars.npz")
    prepared = []

    def prepare(bars):
        prepared.append(len(bars["close"]))
        return lambda: (2, 1, CASH)

    clocked("made up", prepare, [str(tmp_path / "bars.npz"), "20", "40"])

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert prepared == [20] + [20] * 5 + [40] * 5
    assert [(each["name"], each["bars"], each["orders"]) for each in lines] == [
        ("made up", 20, 2),
        ("made up", 40, 2),
    ]


def test_figure_says_what_it_is_compared_with():
    line = Figure("made", 5.0, "ms", 10, 500, 2.5, "the plain one").line()

    assert "5.00 ms (below 10); 1.0% of the seed's 500; 2.00 times the plain one (2.50)" in line


def test_figure_that_reaches_its_limit_is_missed():
    assert "(below 10, MISSED)" in Figure("made", 10.0, "ms", 10, 500, 2.5, "the plain one").line()


def test_lines_of_peers_compare_rates_and_say_who_was_not_alone():
    engines = [answer(cpu=4.0), answer("Other 1.0", cpu=1.0, wall=1.5, trades=9)]

    head, ours, other = peer_lines(engines, (10, 100_500.0))

    assert head == "20,000 bars; counted by NumPy: 10 trades, equity 100,500.00"
    assert "5,000 bars/s (at least 10,000, MISSED)" in ours
    assert "NOT THE SAME" not in ours
    assert "busy;    20,000 bars/s 4.00 times hedgecheck's" in other
    assert other.endswith("(NOT THE SAME: -1)")


def test_rate_that_is_enough_is_not_missed_and_a_quiet_wall_time_is_shown():
    _, ours = peer_lines([answer(cpu=2.0, wall=2.1)], (10, 100_500.0))

    assert "2.100 s wall;    10,000 bars/s (at least 10,000);" in ours


def test_best_round_has_the_least_cpu_time():
    assert best([answer(cpu=2.0), answer(cpu=1.5), answer(cpu=3.0)])["cpu_seconds"] == 1.5


def test_rounds_that_trade_differently_are_a_mistake():
    with pytest.raises(AssertionError, match="the same trades"):
        best([answer(), answer(trades=11)])


def test_interpreter_that_is_named_and_lacks_the_peer_is_told_of(monkeypatch):
    monkeypatch.setenv(PEER.variable, "/nowhere/python")

    with pytest.raises(Absent, match="HEDGECHECK_OTHER_PYTHON names /nowhere/python"):
        python_of(PEER)


def test_peer_that_cannot_be_installed_says_why_in_one_line(monkeypatch, tmp_path):
    def run(command, what):
        if "pip" in command:
            raise Absent("ERROR: No matching distribution found")
        if what == "import":
            raise Absent("no such file")
        made.append(command)
        return ""

    made = []
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(environments, "_run", run)

    with pytest.raises(Absent, match=r"^ERROR: No matching distribution found$"):
        python_of(PEER)

    assert str(tmp_path / "hedgecheck" / "benchmarks") in made[0][-1]


def test_script_that_fails_is_absent_with_its_last_line(tmp_path):
    script = tmp_path / "with_other.py"
    script.write_text("print('{}')\nraise ValueError('no such engine')\n")

    with pytest.raises(Absent, match=r"^ValueError: no such engine$"):
        asked(environments.sys.executable, script, tmp_path / "bars.npz", (10,))


def test_answers_of_a_script_are_its_lines_of_json(tmp_path):
    script = tmp_path / "with_other.py"
    lines = "import sys", "print('noise')", "for each in sys.argv[2:]: print('{\"bars\":', each, '}')"
    script.write_text("\n".join(lines))

    found = asked(environments.sys.executable, script, tmp_path / "bars.npz", (10, 20))

    assert found == [{"bars": 10}, {"bars": 20}]


def test_peer_that_fails_in_a_round_is_left_out_of_all():
    asked_for = []

    def fails(path, counts):
        asked_for.append(counts)
        if len(asked_for) == 2:
            raise Absent("out of memory")
        return [answer("Other 1.0")]

    asking = {"hedgecheck": lambda path, counts: [answer()], "Other": fails}

    found, failed = stress.in_rounds(asking, None, (10,), 3)

    assert {name: len(answers) for name, answers in found.items()} == {"hedgecheck": 3}
    assert failed == {"Other": "out of memory"}
    assert len(asked_for) == 2


def test_peers_that_are_absent_are_named_and_ours_is_asked(monkeypatch):
    def nowhere(peer):
        raise Absent(f"{peer.package} cannot be had")

    monkeypatch.setattr(stress, "python_of", nowhere)

    asking, absent = stress.engines()

    assert list(asking) == ["hedgecheck"]
    assert absent["NautilusTrader"] == "nautilus_trader cannot be had"
    assert absent["backtesting.py"] == "backtesting cannot be had"
