"""Mistakes of a user's that a type checker is to find, each on a line that ends in ``# wrong``."""

import hedgecheck
from hedgecheck import faults, invariants

hedgecheck.verify(execution=5)  # wrong
hedgecheck.fault(at="nowhere")  # wrong
hedgecheck.invariant(kind="never")  # wrong
hedgecheck.check(None)  # wrong
hedgecheck.nothing()  # wrong
faults.nothing()  # wrong
invariants.nothing()  # wrong


@hedgecheck.verify
async def test_bot(sim: hedgecheck.Sim) -> None:
    """Each line but one is a mistake."""
    signal = sim.signal("BTC/USDT", side_x="long")  # wrong
    print(signal.pair_x + 1)  # wrong
    sim.exchange(account="cash")  # wrong
    sim.always(lambda ledger: ledger.ordres)  # wrong
    sim.eventually(invariants.hedged)  # wrong
    sim.storage(1)  # wrong
    sim.trade_at("BTC/USDT", "sell", 1.0)  # wrong
    sim.book("BTC/USDT", 2.0, 1.0)  # wrong
    print(sim.now() + "")  # wrong


test_bot(1).result()  # wrong
