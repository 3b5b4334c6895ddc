"""A first test for a bot that somebody else wrote: the bot is read, and never imported or run."""

from hedgecheck.beginning.begun import Begun, begin

__all__ = ["Begun", "begin"]
