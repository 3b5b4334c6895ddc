"""Contracts of the core's leaves for CrossHair, a module per family; ``python -m specs.contracts`` runs them.

A contract is ``check_x``: one assert that must hold before, what is done, one assert that must hold after.
``twin_x`` beside it is the same but for the last assert, which is false. CrossHair must find it out: it also
says "confirmed" where no argument passes the first assert, and a twin that is not refuted gives that away.

"confirmed" means for all arguments that the contract takes, as CrossHair and its solver see them; "not
confirmed" means that the time was up, and says nothing.
"""
