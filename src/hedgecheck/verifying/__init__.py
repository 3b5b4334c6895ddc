"""``verify``, ``check`` and ``example``: a test around a bot, tried under many schedules and faults.

They are loaded from ``decorator`` and ``checking`` when they are first used: the pytest plugin reads the
settings of every run, and a run that verifies nothing must not pay for more.
"""
