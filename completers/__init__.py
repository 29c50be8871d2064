"""What Tab offers: the words, records and values that fit the slot the cursor is in."""

from completers.background import BackgroundCompleter
from completers.line import LineCompleter

__all__ = ["BackgroundCompleter", "LineCompleter"]
