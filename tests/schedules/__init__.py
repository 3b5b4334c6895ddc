"""Programs for the schedule search: engines with one planted bug each, and engines without any."""
