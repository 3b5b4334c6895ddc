"""``python -m specs``: writes the generated files."""

from specs.generate import write

write()
