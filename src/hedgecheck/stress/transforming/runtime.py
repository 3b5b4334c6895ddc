"""What is planned for a run: faults of the model, of execution, of the network, and what regulators do."""

import dataclasses
from collections.abc import Callable
from typing import ClassVar

from hedgecheck.marketdata import Market
from hedgecheck.marketdata.chance import Source
from hedgecheck.stress.models import Injected
from hedgecheck.stress.stressed import (
    ExecutionFailure,
    MarginRaise,
    ModelFailure,
    Partition,
    RuntimeFault,
    ShortSaleBan,
    Slowness,
    Stressed,
    TradingHalt,
)
from hedgecheck.stress.transforming.base import Stage, lasting
from hedgecheck.values import frozen, replace

KINDS: dict[type[RuntimeFault], str] = {  # what reports call them
    ModelFailure: "model_failure",
    ExecutionFailure: "execution_failure",
    Slowness: "latency_spike",
    Partition: "network_partition",
    TradingHalt: "trading_halt",
    ShortSaleBan: "short_sale_ban",
    MarginRaise: "margin_raise",
}


@frozen
class Planned:
    """A fault of the run; its window ends with the market at the latest."""

    fault: RuntimeFault
    stage: ClassVar[Stage] = Stage.RUN

    def apply(self, stressed: Stressed, chance: Source) -> Stressed:
        """See ``Transformation``."""
        window = self.fault.window
        bars = lasting(stressed.truth, window.start, window.end - window.start)
        within = replace(window, end=window.start + bars)
        return planned(stressed, (replace(self.fault, window=within),))


@frozen
class Halts:
    """What an exchange answers to the prices: ``rule`` makes halts of the market, those from ``start`` on
    hold (``hedgecheck.stress.regulation``)."""

    start: int
    rule: Callable[[Market], tuple[TradingHalt, ...]]
    stage: ClassVar[Stage] = Stage.RUN

    def apply(self, stressed: Stressed, chance: Source) -> Stressed:
        """See ``Transformation``."""
        halts = self.rule(stressed.truth)
        return planned(stressed, tuple([each for each in halts if each.window.start >= self.start]))


def planned(stressed: Stressed, faults: tuple[RuntimeFault, ...]) -> Stressed:
    """With these faults in the plan, too; a fault of all symbols is told of without one."""
    done = [
        Injected(KINDS[type(each)], symbol, each.window.start, each.window.end - each.window.start)
        for each in faults
        for symbol in each.window.symbols or ("",)
    ]
    return dataclasses.replace(
        stressed, plan=stressed.plan + faults, injected=stressed.injected + tuple(done)
    )
