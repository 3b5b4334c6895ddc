"""``python -m hedgecheck``."""

from hedgecheck.cli import main

main()
