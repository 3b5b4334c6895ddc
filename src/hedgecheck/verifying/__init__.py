"""``verify``, ``check`` and ``example``: a test around a bot, tried under many schedules and faults."""

from hedgecheck.verifying.checking import check
from hedgecheck.verifying.decorator import example, verify

__all__ = ["check", "example", "verify"]
