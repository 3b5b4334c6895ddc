"""Brokers: each a connection to a venue, as ``live.ports.Broker`` says."""

from hedgecheck.live.brokers.in_process import VenueBroker
from hedgecheck.live.brokers.remote import RemoteBroker

__all__ = ["RemoteBroker", "VenueBroker"]
