"""An engine of a user's own under stress: what it does wrong is a rule that is broken, never an error."""

from hedgecheck.drive import BundledCore
from hedgecheck.messages import CreateOrder
from hedgecheck.stress.executor import ScenarioExecutor
from hedgecheck.stress.models import Scenario


class Forgetful(BundledCore):
    """Sends no protective stop, and asks about it afterwards."""

    name = "forgetful"

    def step(self, state, event):
        """Without the stops."""
        after, commands = super().step(state, event)
        return after, tuple(
            each for each in commands if not isinstance(each, CreateOrder) or each.stop_price is None
        )


def test_engine_that_asks_about_an_order_it_never_sent_is_judged_by_the_rules():
    scenario = Scenario("x", "flash_crash", parameters={"bars": 300}, seed=3781206150)

    result = ScenarioExecutor(engine=Forgetful).run(scenario)

    assert not result.success
    assert [each.id for each in result.rules if each.verdict == "broken"] == ["I05"]
