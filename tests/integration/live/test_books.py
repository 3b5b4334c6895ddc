"""The scene's own check: belief, venue and log are the same, and each of them apart turns it red."""

from dataclasses import replace

import pytest

from core.messages import CashMoved
from hedgecheck.messages import CancelOrder
from hedgecheck.venue import MoveCash, step
from tests.integration.live.books import Scene, play, signal


async def pay(scene: Scene) -> None:
    """The venue has more cash than is believed."""
    scene.line.pays(1)


async def cancel(scene: Scene) -> None:
    """The venue has ended an order that is believed to work."""
    scene.line.venue, _ = step(scene.line.venue, CancelOrder("q1a1"))


async def hold(scene: Scene) -> None:
    """The venue holds what nobody here bought, for nothing."""
    scene.line.venue = replace(scene.line.venue, positions=(("AAA", 11), ("BBB", -20)))


async def forget(scene: Scene) -> None:
    """The log does not have an event that is in the state."""
    await scene.shell.tell(CashMoved(1))
    scene.line.venue, _ = step(scene.line.venue, MoveCash(1))
    scene.log.stored.pop()


@pytest.mark.covers("TI-04")
@pytest.mark.parametrize("parts", [pay, cancel, hold, forget])
def test_whatever_comes_apart_is_seen(parts) -> None:
    async def told(scene: Scene) -> None:
        assert await scene.shell.trade(signal()) == "hedged"
        scene.line.trades = False
        scene.shell.tell(signal(1, "q", symbol_a="CCC", limit=9))
        await scene.rest()
        scene.assert_belief_is_truth()

        await parts(scene)

        with pytest.raises(AssertionError):
            scene.assert_belief_is_truth()

    play(told)
