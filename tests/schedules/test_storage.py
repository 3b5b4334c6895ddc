"""What a bot keeps on disk outlives a crash, less what the crash takes, and no other execution sees it."""

import asyncio
import os
import sqlite3

import pytest

import hedgecheck
from hedgecheck import faults
from tests.schedules.performing import EVERYTHING, answer_of, anything, perform

BTC = "BTC/USDT"
BUY = (BTC, "market", "buy", 1)
REST = 30  # seconds, by when everything under way has come to rest


class Bot:
    """Does what its life is told to: ``lives`` are called in turn, the last again and again."""

    def __init__(self, *lives):
        self.lives = lives
        self.begun = 0

    async def start(self):
        self.begun += 1
        await self.lives[min(self.begun, len(self.lives)) - 1]()


def held(path, mode="a"):
    """A file that stays open."""
    return open(path, mode, encoding="utf-8")


async def crashed(sim, *lives, **how):
    """The bot in its first life, until a second in; then it dies and the next life begins."""
    bot = Bot(*lives)
    await sim.process(lambda: bot)
    await sim.sleep(1)
    await sim.crash(bot)
    await sim.sleep(REST)


# ---- what stays and what goes ----------------------------------------------------------------------


def test_what_was_written_outlives_a_crash():
    async def program(sim):
        folder, read = sim.storage("orders"), []

        async def writes():
            (folder / "deep").mkdir()
            (folder / "deep" / "log").write_text("bought")

        async def reads():
            read.append((folder / "deep" / "log").read_text())

        await crashed(sim, writes, reads)
        return read, sim.storage("orders") == folder

    assert answer_of(program) == (["bought"], True)


def test_no_execution_sees_what_another_has_written():
    seen = set()

    async def test(sim):
        log = sim.storage("orders") / "log"
        seen.add((str(log), log.exists()))
        log.write_text("bought")
        sim.storage("other").joinpath("log").write_text("sold")
        await sim.exchange().create_order(*BUY)

    verdict = hedgecheck.check(test, executions=20)

    assert verdict.verdict == "holds"
    ((path, existed),) = seen
    assert not existed
    assert not os.path.exists(os.path.dirname(path))


def test_two_names_are_two_directories():
    async def program(sim):
        (sim.storage("one") / "log").write_text("")
        return list(sim.storage("other").iterdir())

    assert answer_of(program) == []


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "/tmp", "a\0", None, 1])
def test_what_is_no_plain_name_is_refused(name):
    async def program(sim):
        sim.storage(name)

    with pytest.raises(hedgecheck.UsageError, match="plain name"):
        answer_of(program)


def test_what_was_not_flushed_dies_with_the_process_and_is_not_written_later():
    async def program(sim):
        log, read, files = sim.storage("orders") / "log", [], []

        async def buffers():
            files.append(held(log))
            files[0].write("flushed ")
            files[0].flush()
            files[0].write("buffered ")

        async def reads():
            files[0].close()  # as the end of a process closes it, which by then is nobody's any more
            with log.open("a", encoding="utf-8") as file:
                file.write("next ")
            read.append(log.read_text())

        await crashed(sim, buffers, reads)
        return read

    assert answer_of(program) == ["flushed next "]


def test_a_transaction_of_the_dead_is_rolled_back_and_locks_nobody_out():
    async def program(sim):
        path, read, connections = sim.storage("orders") / "db", [], []

        def connect():
            connections.append(sqlite3.connect(path, timeout=0))
            return connections[-1]

        async def leaves_it_open():
            mine = connect()
            mine.execute("create table orders (id)")
            mine.execute("insert into orders values (1)")
            mine.commit()
            mine.execute("insert into orders values (2)")

        async def goes_on():
            mine = connect()
            mine.execute("insert into orders values (3)")
            mine.commit()
            connections[0].close()
            read.extend(row[0] for row in connect().execute("select id from orders"))

        await crashed(sim, leaves_it_open, goes_on)
        return read

    assert answer_of(program) == [1, 3]


def test_a_restart_of_everything_but_the_test_keeps_what_is_stored():
    async def program(sim):
        file = held(sim.storage("orders") / "log")
        file.write("flushed")
        file.flush()
        file.write("buffered")
        await sim.crash_and_restart(lambda: None)
        file.close()
        return (sim.storage("orders") / "log").read_text()

    assert answer_of(program) == "flushed"


def test_a_process_that_lives_keeps_what_it_has_open():
    async def program(sim):
        files = {}

        def factory(name):
            async def start():
                files[name] = held(sim.storage(name) / "log")

            bot = Bot(start)
            return lambda: bot

        await sim.process(factory("one"))
        other = await sim.process(factory("other"))
        lives = files["one"]
        await sim.crash(other)
        await sim.sleep(REST)
        lives.write("goes on")
        lives.flush()
        return (sim.storage("one") / "log").read_text()

    assert answer_of(program) == "goes on"


# ---- what a crash of the machine takes -------------------------------------------------------------


@pytest.mark.parametrize(("variant", "left"), [(0, "synced+unsynced+"), (1, "synced+"), (2, "synced+unsy")])
def test_a_fault_at_a_crash_loses_or_tears_what_was_not_synced(variant, left):
    async def program(sim):
        log, read = sim.storage("orders") / "log", []

        async def writes():
            self_closed = log.with_name("closed")
            self_closed.write_text("whole")
            file = held(log)
            file.write("synced+")
            file.flush()
            os.fsync(file.fileno())
            file.write("unsynced+")
            file.flush()
            program.file = file

        async def reads():
            read.append((log.read_text(), log.with_name("closed").read_text()))

        await crashed(sim, writes, reads)
        return read

    strikes = {("crash", 0): variant} if variant else {}

    assert answer_of(program, plan=EVERYTHING, strikes=strikes) == [(left, "whole")]


def test_nothing_is_asked_of_a_crash_where_everything_is_synced():
    async def program(sim):
        async def writes():
            program.file = held(sim.storage("orders") / "log")
            program.file.write("buffered, which is lost in any case")

        async def rests():
            pass

        await crashed(sim, writes, rests)

    async def unjudged(sim):
        sim.always(anything)
        await program(sim)

    made = perform(unjudged, plan=EVERYTHING).outcome.made

    assert ("fault", "crash", 0) not in [label for label, _, _ in made]
    assert {options for (_, about, _), options, _ in made if about == "process"} == {2}


class Journal:
    """Notes that it will buy before it does, and buys only where no note is. ``syncs``: before the order
    leaves, too; the order is found by its id where there is a note."""

    syncs = False

    def __init__(self, exchange, folder):
        self.exchange, self.path = exchange, folder / "journal"

    async def start(self):
        self.file = held(self.path, "a+")
        self.file.seek(0)
        if self.file.read():
            return
        self.file.write("entry\n")
        self.file.flush()
        if self.syncs:
            os.fsync(self.file.fileno())
        self.task = asyncio.create_task(self.exchange.create_order(*BUY))


class Synced(Journal):
    syncs = True


def journaling(bot):
    async def test(sim):
        exchange, folder = sim.exchange(), sim.storage("bot")
        sim.always(lambda ledger: ledger.position(BTC) <= 1)
        await sim.process(lambda: bot(exchange, folder))
        await sim.sleep(REST)

    return hedgecheck.check(test, executions=100, faults=faults.CRASHES)


def test_a_journal_that_is_not_synced_is_found():
    verdict = journaling(Journal)

    assert verdict.verdict == "broken"
    assert "what was not synced is lost" in verdict.counterexamples[0].diagram


def test_a_journal_that_is_synced_before_the_order_leaves_holds():
    verdict = journaling(Synced)

    assert verdict.verdict == "holds", verdict.counterexamples[0].diagram
    assert verdict.explorers[0].campaign.spent["F11"] > 10


def test_a_path_in_an_error_is_the_same_in_every_run():
    async def test(sim):
        await sim.exchange().create_order(*BUY)
        (sim.storage("bot") / "missing").read_text()

    first, again = (hedgecheck.check(test, executions=1).counterexamples[0] for _ in range(2))

    assert first.why == again.why
    assert "'storage/bot/missing'" in first.why
