"""``hedgecheck init``: which bot it finds in a file or folder, the test it writes, and what it says."""

import ast
from pathlib import Path

import pytest

from hedgecheck import cli
from tests.unit.cli import bots


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def printed(capsys, *arguments: str) -> str:
    """The test that is printed."""
    assert cli.call(["init", *arguments, "--stdout"]) == 0
    text = capsys.readouterr().out
    ast.parse(text)
    return text


def refused(capsys, *arguments: str) -> str:
    """What is said of bad input."""
    assert cli.call(["init", *arguments]) == 64
    return capsys.readouterr().err


def test_the_test_of_a_pair_engine_is_written_beside_it_and_the_bot_is_never_imported(folder: Path, capsys):
    (folder / "bot.py").write_text(bots.RAISES + bots.NAIVE_PAIR)

    assert cli.call(["init", "bot.py"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "hedgecheck init bot.py --class PairEngine --method execute_pair_trade",
        "wrote test_bot.py: PairEngine.execute_pair_trade, one intent, every fault once",
        "next: pytest test_bot.py",
    ]
    assert (
        (folder / "test_bot.py").read_text() == '''"""PairEngine.execute_pair_trade under every fault. '''
        '''Written by hedgecheck init; it is yours now."""

import hedgecheck

from bot import PairEngine


@hedgecheck.verify(executions=500)
async def test_pair_engine(sim):
    bot = PairEngine(sim.exchange())

    signal = sim.signal("BTC/USDT", "ETH/USDT", 1.0)  # one intent: buy 1.0 BTC, sell 1.0 ETH
    # sim.always(lambda ledger: ledger.position("BTC/USDT") <= 1.0)  # in the place of the usual rules

    await sim.deliver(signal, bot.execute_pair_trade)
'''
    )


def test_what_is_there_is_never_overwritten(folder: Path, capsys):
    (folder / "bot.py").write_text(bots.NAIVE_PAIR)
    (folder / "test_bot.py").write_text("mine")

    assert "test_bot.py is there already" in refused(capsys, "bot.py")
    assert "--out FILE" in refused(capsys, "bot.py")
    assert (folder / "test_bot.py").read_text() == "mine"
    assert cli.call(["init", "bot.py", "--out", "test_other.py"]) == 0
    assert "from bot import PairEngine" in (folder / "test_other.py").read_text()
    assert "no folder nosuch" in refused(capsys, "bot.py", "--out", "nosuch/test_bot.py")
    assert "is a folder" in refused(capsys, "bot.py", "--out", str(folder))
    assert "exclude each other" in refused(capsys, "bot.py", "--out", "x.py", "--stdout")


def test_parameters_of_a_function_are_filled_by_name(folder: Path, capsys):
    (folder / "bot.py").write_text(bots.NAIVE_BUY)

    text = printed(capsys, "bot.py")

    assert "from bot import buy\n" in text
    assert "    exchange = sim.exchange()\n" in text
    assert 'sim.signal("BTC/USDT", amount_x=1.0)  # one intent: buy 1.0 BTC\n' in text
    assert "sim.deliver(signal, lambda signal: buy(exchange, signal.pair_x, signal.amount_x))\n" in text


@pytest.mark.parametrize(
    ("parameters", "given"),
    [
        ("symbol, side, amount", "signal.pair_x, signal.side_x, signal.amount_x"),
        ("symbol, amount, price", "signal.pair_x, signal.amount_x, 50_000.0"),
        ("symbol, size, side='buy', price=None", "signal.pair_x, signal.amount_x, signal.side_x"),
        ("symbol, type='limit', *, qty", "signal.pair_x, qty=signal.amount_x"),
        (
            "pair_x, pair_y, amount_x, amount_y",
            "signal.pair_x, signal.pair_y, signal.amount_x, signal.amount_y",
        ),
        ("long_symbol, short_symbol, amount", "signal.pair_x, signal.pair_y, signal.amount_x"),
        ("symbol1, symbol2, qty1", "signal.pair_x, signal.pair_y, signal.amount_x"),
        ("tradePair, orderSize", "signal.pair_x, signal.amount_x"),
        (
            "order_id, symbol, amount: Decimal",
            "signal.signal_id, signal.pair_x, Decimal(str(signal.amount_x))",
        ),
        ("symbol, amount, leverage", "signal.pair_x, signal.amount_x, LEVERAGE"),
        ("symbol, amount, market: MarketData", "signal.pair_x, signal.amount_x, MARKET"),
    ],
)
def test_each_way_to_say_symbol_and_amount(parameters: str, given: str, folder: Path, capsys):
    source = f"class Bot:\n def __init__(self, exchange): pass\n async def trade(self, {parameters}): pass\n"
    (folder / "bot.py").write_text(source)

    text = " ".join(printed(capsys, "bot.py").split()).replace("( ", "(").replace(", )", ")")

    assert f"lambda signal: bot.trade({given})" in text
    assert ('"BTC/USDT", "ETH/USDT", 1.0' in text) == ("pair_y" in given)


@pytest.mark.parametrize(
    ("body", "given", "signal"),
    [
        ("signal.pair_x, signal.amount_x", "signal, bot.on_signal", '"BTC/USDT", amount_x=1.0'),
        ("self.legs(signal)", "signal, bot.on_signal", '"BTC/USDT", "ETH/USDT", 1.0'),
        ("self.router.send(signal)", "signal, bot.on_signal", '"BTC/USDT", amount_x=1.0'),
        (
            "signal.symbol, signal.quantity",
            "bot.on_signal(SimpleNamespace(symbol=signal.pair_x, quantity=signal.amount_x))",
            '"BTC/USDT", amount_x=1.0',
        ),
        (
            "signal['pair_x'], signal.get('amount_x')",
            'bot.on_signal({"pair_x": signal.pair_x, "amount_x": signal.amount_x})',
            '"BTC/USDT", amount_x=1.0',
        ),
        (
            "signal['symbol_a'], signal['symbol_b']",
            'bot.on_signal({"symbol_a": signal.pair_x, "symbol_b": signal.pair_y})',
            '"BTC/USDT", "ETH/USDT", 1.0',
        ),
    ],
)
def test_a_signal_is_what_the_bot_reads_of_it(body: str, given: str, signal: str, folder: Path, capsys):
    source = f"class Bot:\n def __init__(self, exchange): pass\n async def on_signal(self, signal): {body}\n"
    (folder / "bot.py").write_text(source)

    text = " ".join(printed(capsys, "bot.py").split()).replace("( ", "(").replace(", )", ")")

    assert f"sim.signal({signal})" in text
    assert given in text


def test_what_a_bot_is_made_of_and_what_comes_first(folder: Path, capsys):
    source = """
import ccxt
class Base:
    def __init__(self, symbols, name, ccxt_client, logger, size, wallet, *, api, fee=0.1): pass
    async def connect(self): pass
    async def start(self):
        while True: pass
class Portfolio(Base):
    async def rebalance(self, threshold=0.1): pass
class Other(Base): pass
"""
    (folder / "bot.py").write_text(source)

    text = " ".join(printed(capsys, "bot.py", "--class", "Portfolio").split()).replace("( ", "(")

    assert "import logging import hedgecheck from bot import Portfolio WALLET = None # what" in text
    made = (
        '["BTC/USDT", "ETH/USDT"], "bot", sim.exchange("ccxt_client"), logging.getLogger("bot"), 1.0, WALLET'
    )
    assert f'bot = Portfolio({made}, api=sim.exchange("api"), ) await bot.connect() #' in text
    assert "start" not in text
    assert text.endswith("await bot.rebalance()")


def test_what_cancels_checks_or_closes_is_not_what_trades(folder: Path, capsys):
    sends = "await self.exchange.create_order('BTC/USDT', 'market', 'buy', 1)"
    names = ("cancel_trade", "close_position", "validate_signal", "on_order", "update_signal", "_trade")
    methods = "".join(f"    async def {name}(self, signal): {sends}\n" for name in names)
    methods += "    async def step_on(self, signal): pass\n"
    (folder / "bot.py").write_text(f"class Bot:\n    def __init__(self, exchange): pass\n{methods}")

    assert "sim.deliver(signal, bot.step_on)" in printed(capsys, "bot.py")
    assert "bot.close_position" in printed(capsys, "bot.py", "--method", "close_position")


def test_a_field_of_a_dataclass_takes_the_exchange(folder: Path, capsys):
    source = (
        "@dataclass\nclass Bot:\n exchange: ccxt.Exchange\n size: float = 1.0\n async def main(self): pass\n"
    )
    (folder / "bot.py").write_text(source)

    assert "bot = Bot(sim.exchange())\n        return asyncio.create_task(bot.main())" in printed(
        capsys, "bot.py"
    )


def test_a_bot_that_runs_for_ever_is_a_process_that_nobody_waits_for(folder: Path, capsys):
    (folder / "bot.py").write_text(bots.NAIVE_RUN)

    assert cli.call(["init", "bot.py"]) == 0

    assert capsys.readouterr().out.splitlines()[1:] == [
        "wrote test_bot.py: Accumulator.run, 60 seconds, every fault once",
        "fill in CONFIG in test_bot.py: what Accumulator needs as config",
        "next: pytest test_bot.py",
    ]
    text = (folder / "test_bot.py").read_text()
    assert "\nCONFIG = None  # what Accumulator needs as config\n" in text
    assert (
        text.partition("position")[2]
        == """("ETH/USDT")) <= 1.0)

    async def comes_up():  # and again after each crash
        bot = Accumulator(sim.exchange(), CONFIG)
        return asyncio.create_task(bot.run())

    await sim.process(comes_up, start="")
    await sim.sleep(60)  # virtual seconds
"""
    )


def test_a_bot_whose_start_returns_is_a_process(folder: Path, capsys):
    (folder / "bot.py").write_text(bots.CAREFUL_RUN)

    text = printed(capsys, "bot.py")

    assert "    await sim.process(lambda: Entering(sim.exchange()))\n    await sim.sleep(60)" in text
    waits = bots.CAREFUL_RUN.replace("self.task = asyncio.create_task(self.watch())", "await self.watch()")
    (folder / "bot.py").write_text(waits)
    assert "asyncio.create_task(bot.start())" in printed(capsys, "bot.py")


def test_a_synchronous_bot_gets_a_plain_function(folder: Path, capsys):
    (folder / "bot.py").write_text(bots.SYNC)

    text = printed(capsys, "bot.py")

    assert "\ndef test_arbitrage(sim):\n" in text
    assert "await" not in text
    assert "async" not in text
    markets = 'markets=["AAVE/USDT"]'
    assert f'sim.exchange("spot_exchange", {markets})' in text
    assert f'sim.exchange("perp_exchange", {markets})' in text
    assert '{"market": signal.pair_x, "qty": signal.amount_x, "direction": signal.side_x}' in text
    assert "sim.deliver(" in text
    text = printed(capsys, "bot.py", "--class", "Orders")
    assert "from bot import Orders, TradeRequest\n" in text
    made = "TradeRequest(signal.pair_x, signal.side_x, Decimal(str(signal.amount_x)), STRATEGY)"
    assert made in text
    assert 'sim.background(lambda: sim.process(comes_up, start="run"))' in printed(
        capsys, "bot.py", "--method", "run"
    )


def test_a_bot_that_keeps_something_gets_a_folder_that_outlives_it(folder: Path, capsys):
    (folder / "bot.py").write_text(bots.KEEPING)

    text = printed(capsys, "bot.py")

    assert 'return Poller(sim.exchange(), sim.storage("bot"))' in text
    assert "FOLDER" not in text
    assert "await" not in text


def test_a_bot_alone_in_a_folder_is_found(folder: Path, capsys):
    for name in ("src/bots", "src/bots/deep", ".hidden", "venv", "build", "tests"):
        (folder / name).mkdir(parents=True)
    (folder / "venv" / "pyvenv.cfg").touch()
    (folder / "src" / "bots" / "grid.py").write_text(bots.NAIVE_PAIR)
    for name in (".hidden/a.py", "venv/a.py", "build/a.py", "src/bots/deep/a.py", "test_a.py", "conftest.py"):
        (folder / name).write_text(bots.NAIVE_RUN)
    (folder / "broken.py").write_text("class :")

    assert cli.call(["init"]) == 0
    assert "wrote src/bots/test_grid.py: PairEngine" in capsys.readouterr().out
    assert (folder / "src" / "bots" / "test_grid.py").exists()


def test_several_bots_are_listed_with_the_command_for_each(folder: Path, capsys):
    (folder / "one.py").write_text(bots.NAIVE_PAIR + bots.NAIVE_RUN)
    (folder / "two three.py").write_text(bots.NAIVE_BUY)

    lines = refused(capsys).splitlines()

    assert "3 that may be the bot" in lines[0]
    assert lines[1:] == [
        "  hedgecheck init one.py --class PairEngine --method execute_pair_trade",
        "  hedgecheck init one.py --class Accumulator --method run",
        "  hedgecheck init 'two three.py' --method buy",
    ]
    assert list(folder.glob("test_*")) == []


@pytest.mark.parametrize(
    ("source", "arguments", "cause", "cure"),
    [
        (None, [], "no file bot.py", "Name the file"),
        ("x = 1\nclass :\n", [], "bot.py, line 2", "must be Python"),
        ("\0", [], "bot.py", "Python"),
        ("import json\n", [], "Nothing in bot.py takes an exchange", "--class NAME --method NAME"),
        (
            "class A:\n def __init__(self, exchange: str): pass\n def run(self): pass\n",
            [],
            "Nothing in",
            "--class",
        ),
        (
            "import ccxt\nclass A:\n def __init__(self): self.x = ccxt.pro.binance()\n def buy(self): pass\n",
            [],
            "line 3, makes one of its own",
            "def __init__(self, exchange)",
        ),
        (bots.NAIVE_PAIR, ["--class", "PairEngin"], "no class PairEngin.", "Is PairEngine meant?"),
        (bots.NAIVE_PAIR, ["--class", "Zzz"], "no class Zzz.", "There are PairEngine."),
        (bots.NAIVE_PAIR, ["--method", "execute_pair"], "no method", "Is execute_pair_trade meant?"),
        (
            bots.NAIVE_PAIR,
            ["--class", "PairEngine", "--method", "z"],
            "PairEngine has no method z",
            "There are",
        ),
        (
            "class A:\n def __init__(self, api): pass\n def _x(self): pass\n def step(self): pass\n",
            [],
            "A takes an exchange, and none of its methods",
            "--class A --method NAME. It has step.",
        ),
        ("async def _go(exchange, signal): pass\n", [], "Nothing in", "--method NAME"),
        ("import asyncio\ndef main(exchange): asyncio.run(f())\n", [], "Nothing in", "--method NAME"),
    ],
)
def test_what_cannot_be_used_is_said_with_the_cure(source, arguments, cause, cure, folder: Path, capsys):
    if source is not None:
        (folder / "bot.py").write_text(source)

    said = refused(capsys, "bot.py", *arguments)

    assert cause in said
    assert cure in said
    assert list(folder.glob("test_*")) == []


def test_a_file_that_no_import_can_name_is_to_be_renamed(folder: Path, capsys):
    (folder / "1st-bot.py").write_text(bots.NAIVE_PAIR)

    assert "Rename it, as to bot_1st_bot.py" in refused(capsys, "1st-bot.py")


def test_a_file_that_starts_its_bot_when_it_is_imported_is_said(folder: Path, capsys):
    (folder / "bot.py").write_text(bots.NAIVE_PAIR + "import asyncio\nasyncio.run(main())\n")
    line = len(bots.NAIVE_PAIR.splitlines()) + 2

    assert cli.call(["init", "bot.py"]) == 0
    assert f"bot.py, line {line}, starts the bot when it is imported" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("source", "amount"),
    [
        ("'DOGE/USDT'", '"DOGE/USDT", amount_x=1000.0'),
        ("'DOGE/USDT'; pair = 'BTC/USDT'", '"DOGE/USDT", "BTC/USDT", 1000.0, 1.0'),
        ("'BTC/USD:BTC', 'SOL/USDC:USDC'", '"SOL/USDC:USDC", amount_x=1.0'),
    ],
)
def test_symbols_of_the_bot_are_traded_in_amounts_that_a_venue_takes(source, amount, folder: Path, capsys):
    text = f"class Bot:\n def __init__(self, exchange): pass\n def on_signal(self, signal): x = {source}\n"
    (folder / "bot.py").write_text(text)

    assert f"sim.signal({amount})" in printed(capsys, "bot.py")
