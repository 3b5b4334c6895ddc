"""Engines that must never be falsified, whatever the schedule and any two faults do."""
