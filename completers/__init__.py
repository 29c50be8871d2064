"""What Tab offers: the words, records and values that fit the slot the cursor is in."""

from completers.line import BackgroundCompleter, LineCompleter

__all__ = ["BackgroundCompleter", "LineCompleter"]
