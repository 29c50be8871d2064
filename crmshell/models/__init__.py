"""The records of the company, the rules they keep themselves, and the journal of every change."""

from crmshell import database

__all__ = ["database"]  # first of all: it imports peewee without the drivers that peewee would import by itself
