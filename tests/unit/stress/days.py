"""Days as people write them."""

from datetime import UTC, datetime, timedelta


def day_ending(time_ns: int) -> str:
    """The day whose bar ends then."""
    return str((datetime.fromtimestamp(int(time_ns) // 10**9, UTC) - timedelta(days=1)).date())
