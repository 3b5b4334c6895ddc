"""What may arrive next: every execution has a timing that explains it, and every such order can be found."""

import asyncio
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hedgecheck
from hedgecheck.simulate import search
from hedgecheck.simulate.agenda import INFINITY, Agenda
from hedgecheck.simulate.choices import Choices
from hedgecheck.simulate.tokens import ARRIVALS
from hedgecheck.tape import Schedule, read_token
from tests.schedules.performing import anything

WITHOUT_FAULTS = {"faults": None, "executions": 200}


def play(arrivals, timers=(), *, holds=(), source=None, deadlines=False):
    """What happens to ``(flow, earliest, latest, in_order)`` between timers, as (name, time), and the choices
    that were made. ``holds`` names flows that are held back when first asked about."""
    loop, seen, timers = SimpleNamespace(now=0.0), [], sorted(timers)
    choices = Choices(source, {("hold", flow, 0): 1 for flow in holds})
    agenda = Agenda(choices, deadlines)
    for number, (flow, earliest, latest, in_order) in enumerate(arrivals):
        name = f"{flow}{number}"
        agenda.add(flow, earliest, latest, lambda name=name: seen.append((name, loop.now)), in_order=in_order)
    while timers or not agenda.is_empty():
        if not agenda.next(loop, timers[0] if timers else INFINITY):
            loop.now = max(loop.now, timers.pop(0))
            seen.append(("timer", loop.now))
        agenda.between(loop)
    return seen, choices.made


def names(seen):
    return [name for name, _ in seen]


# ---- one agenda --------------------------------------------------------------------------------------------


def test_by_default_the_earliest_arrives_at_its_earliest_time() -> None:
    seen, _ = play([("a", 3, 9, False), ("b", 1, 9, False), ("c", 2, 9, False)])

    assert seen == [("b1", 1), ("c2", 2), ("a0", 3)]


def test_of_two_at_one_time_the_one_that_left_first_arrives_first() -> None:
    seen, _ = play([("b", 1, 9, False), ("a", 1, 9, False)])

    assert names(seen) == ["b0", "a1"]


def test_nothing_overtakes_what_has_to_arrive_before_it() -> None:
    seen, made = play([("a", 0, 1, False), ("b", 2, 3, False)], holds="a")

    assert names(seen) == ["a0", "b1"]
    assert made == []  # there was nothing to choose


def test_a_flow_that_is_held_back_arrives_as_late_as_it_may() -> None:
    seen, _ = play([("a", 1, 6, False), ("b", 2, 9, False), ("c", 3, 9, False)], holds="a")

    assert seen == [("b1", 2), ("c2", 3), ("a0", 6)]


def test_holding_back_is_sticky_for_what_the_flow_sends() -> None:
    seen, _ = play([("a", 1, 5, False), ("a", 1, 7, False), ("b", 2, 9, False)], holds="a")

    assert seen == [("b2", 2), ("a0", 5), ("a1", 7)]


def test_of_flows_that_are_all_held_back_the_first_one_held_arrives_at_the_last_moment() -> None:
    seen, _ = play([("a", 1, 6, False), ("b", 2, 5, False)], [4.5], holds="ab")

    assert seen == [("timer", 4.5), ("a0", 5), ("b1", 5)]


def test_a_timer_goes_before_what_is_held_back_and_not_before_what_has_to_arrive() -> None:
    both = [("a", 1, 6, False)]

    assert names(play(both, [3])[0]) == ["a0", "timer"]
    assert play(both, [3], holds="a")[0] == [("timer", 3), ("a0", 6)]
    assert names(play(both, [7], holds="a")[0]) == ["a0", "timer"]


def test_an_arrival_never_goes_before_a_timer_that_is_due_before_it_can_be_there() -> None:
    seen, made = play([("a", 4, 9, False)], [3])

    assert seen == [("timer", 3), ("a0", 4)]
    assert made == []


def test_messages_in_order_do_not_overtake_each_other() -> None:
    seen, _ = play([("s", 5, 9, True), ("s", 1, 9, True), ("t", 2, 9, True)])

    assert names(seen) == ["t2", "s0", "s1"]


def test_what_is_withdrawn_does_not_arrive() -> None:
    agenda = Agenda(Choices(), arrivals=False)
    gone = agenda.add("a", 1, 2, pytest.fail)

    agenda.withdraw(gone)
    agenda.withdraw(gone)

    assert agenda.is_empty()
    assert not agenda.next(SimpleNamespace(now=0.0), INFINITY)


def test_released_flows_arrive_by_default_again() -> None:
    loop, seen = SimpleNamespace(now=0.0), []
    agenda = Agenda(Choices(None, {("hold", "a", 0): 1}), arrivals=False)
    agenda.add("a", 1, 9, lambda: seen.append("a"))
    agenda.add("b", 2, 9, lambda: seen.append("b"))
    agenda.add("c", 3, 9, lambda: seen.append("c"))

    agenda.next(loop, INFINITY)
    agenda.release()
    agenda.next(loop, INFINITY)

    assert seen == ["b", "a"]
    assert loop.now == 2


@pytest.mark.parametrize("deadlines", [False, True])
def test_batch_between_and_deadline_are_asked_for_only_with_arrivals(deadlines: bool) -> None:
    _, made = play([("a", 1, 9, False), ("b", 1, 9, False)], [2, 3], deadlines=deadlines)

    kinds = {label[0] for label, _, _ in made}
    assert kinds == ({"hold", "batch", "between", "deadline"} if deadlines else {"hold"})


TIMES = st.integers(0, 12)
ARRIVALS_DRAWN = st.lists(
    st.tuples(st.sampled_from("abc"), TIMES, TIMES, st.booleans()).map(
        lambda drawn: (drawn[0], drawn[1], drawn[1] + drawn[2], drawn[3])
    ),
    max_size=6,
)


class Chosen:
    """A source of choices that were drawn."""

    def __init__(self, values):
        self.values = values

    def pick(self, kind, options, index):
        return self.values[index] % options if index < len(self.values) else 0


@given(
    ARRIVALS_DRAWN,
    st.lists(TIMES, max_size=4),
    st.lists(st.integers(0, 1), max_size=30),
    st.booleans(),
)
def test_every_execution_has_a_timing_that_explains_it(arrivals, timers, values, deadlines) -> None:
    in_order = {flow for flow, *_, ordered in arrivals if ordered}
    fixed = [(flow, earliest, latest, flow in in_order) for flow, earliest, latest, _ in arrivals]
    latest_so_far: dict[str, int] = {}
    for position, (flow, earliest, latest, ordered) in enumerate(fixed):
        if ordered:  # as every stream does: what comes later is allowed to come no earlier
            latest_so_far[flow] = max(latest, latest_so_far.get(flow, 0))
            fixed[position] = (flow, earliest, latest_so_far[flow], ordered)

    seen, _ = play(fixed, timers, source=Chosen(values), deadlines=deadlines)

    times = [at for _, at in seen]
    assert times == sorted(times)
    assert [at for name, at in seen if name == "timer"] == sorted(timers)
    assert sorted(name for name in names(seen) if name != "timer") == sorted(
        f"{each[0]}{number}" for number, each in enumerate(fixed)
    )
    for number, (flow, earliest, latest, ordered) in enumerate(fixed):
        at = dict(seen)[f"{flow}{number}"]
        assert earliest <= at
        if not ordered:
            assert at <= latest
    for flow in in_order:
        sent = [f"{each[0]}{number}" for number, each in enumerate(fixed) if each[0] == flow]
        assert [name for name in names(seen) if name in sent] == sent


# ---- what a bot can meet -----------------------------------------------------------------------------------


def met(program, **how):
    """Everything that an async function comes to over the executions of a check."""
    seen = []

    async def test(sim):
        sim.always(anything)
        seen.append(await program(sim))

    hedgecheck.check(test, **{**WITHOUT_FAULTS, **how})
    return seen


async def two_responses(sim):
    """Reads, lets the others run once, and writes: correct only where nothing arrives meanwhile."""
    sim.always(anything)
    exchange, count = sim.exchange(), 0

    async def book():
        nonlocal count
        await exchange.create_order("BTC/USDT", "market", "buy", 1)
        read = count
        await asyncio.sleep(0)
        count = read + 1

    await asyncio.gather(book(), book())
    assert count == 2, "lost update"


def test_lost_update_between_two_responses_is_found_where_both_arrive_in_one_poll() -> None:
    verdict = hedgecheck.check(two_responses, faults=None)

    assert [found.invariant for found in verdict.counterexamples] == ["assertion"]
    schedule = read_token(verdict.counterexamples[0].token)
    assert isinstance(schedule, Schedule)
    assert schedule.options & ARRIVALS
    assert len(schedule.deviations) <= 2


def test_lost_update_is_out_of_reach_where_responses_arrive_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "ARRIVALS_EVERY", 10**9)

    assert hedgecheck.check(two_responses, faults=None).verdict == "holds"


def test_a_response_is_met_between_two_steps_of_what_another_started() -> None:
    async def program(sim):
        exchange, step, seen = sim.exchange(), 0, []

        async def three_steps():
            nonlocal step
            await exchange.fetch_ticker("BTC/USDT")
            for step in (1, 2, 3):  # noqa: B007
                await asyncio.sleep(0)
            step = 0

        async def look():
            await exchange.fetch_ticker("BTC/USDT")
            seen.append(step)

        await asyncio.gather(three_steps(), look())
        return seen[0]

    assert {2, 3} <= set(met(program, executions=400))


def test_responses_are_met_in_both_orders() -> None:
    async def program(sim):
        exchange, order = sim.exchange(), []

        async def send(name):
            await exchange.create_order("BTC/USDT", "market", "buy", 1)
            order.append(name)

        await asyncio.gather(send("one"), send("two"))
        return tuple(order)

    assert set(met(program)) == {("one", "two"), ("two", "one")}


def test_an_answer_near_the_deadline_is_met_in_time_late_and_at_the_very_moment() -> None:
    async def program(sim):
        sent = sim.now()
        try:
            await asyncio.wait_for(sim.exchange().fetch_ticker("BTC/USDT"), timeout=1)
        except TimeoutError:
            return "late", sim.now() - sent
        return "in time", sim.now() - sent

    seen = met(program, executions=400)

    assert {word for word, _ in seen} == {"in time", "late"}
    assert {taken for word, taken in seen if word == "late"} == {1.0}
    assert ("in time", 1.0) in seen
    assert all(taken <= 1 for _, taken in seen)


def test_a_set_of_tasks_is_met_in_several_orders() -> None:
    async def program(sim):
        tasks = [asyncio.create_task(asyncio.sleep(0, number)) for number in range(4)]
        done, _ = await asyncio.wait(tasks)
        await sim.exchange().create_order("BTC/USDT", "market", "buy", 1)
        return tuple(task.result() for task in done)

    seen = met(program)

    assert seen[0] == (0, 1, 2, 3)
    assert len(set(seen)) == len(search.ORDERS)


def test_coroutines_given_to_as_completed_start_in_an_order_that_is_stable() -> None:
    async def program(sim):
        started = []

        async def start(number):
            started.append(number)

        for each in asyncio.as_completed([start(number) for number in range(6)]):
            await each
        await sim.exchange().create_order("BTC/USDT", "market", "buy", 1)
        return tuple(started)

    seen = met(program)

    assert seen[0] == tuple(range(6))
    assert len(set(seen)) <= len(search.ORDERS)


def test_work_of_two_threads_is_met_in_both_orders() -> None:
    async def program(sim):
        order = []
        one, two = (asyncio.to_thread(order.append, name) for name in ("one", "two"))
        await asyncio.gather(one, two)
        return tuple(order)

    assert set(met(program)) == {("one", "two"), ("two", "one")}


def test_work_of_a_thread_is_met_before_and_after_a_response() -> None:
    async def program(sim):
        order = []

        async def send():
            await sim.exchange().fetch_ticker("BTC/USDT")
            order.append("response")

        await asyncio.gather(asyncio.to_thread(order.append, "thread"), send())
        return tuple(order)

    assert set(met(program)) == {("thread", "response"), ("response", "thread")}


def test_no_flow_stays_away_for_ever() -> None:
    async def program(sim):
        begin = sim.now()
        await sim.exchange().fetch_ticker("BTC/USDT")
        return sim.now() - begin

    taken = met(program)

    assert min(taken) == pytest.approx(0.05)
    assert max(taken) <= 4


@pytest.mark.parametrize(("executions", "ways"), [(9, "1 default"), (10, "1 everything at once, 1 default")])
def test_search_begins_with_much_that_goes_wrong_unless_it_is_short(executions: int, ways: str) -> None:
    async def buy(sim):
        await sim.exchange().create_order("BTC/USDT", "market", "buy", 1)

    verdict = hedgecheck.check(buy, executions=executions, faults=hedgecheck.faults.late_ack)

    assert verdict.verdict == "holds"
    assert verdict.explorers[0].scope.startswith(ways)
