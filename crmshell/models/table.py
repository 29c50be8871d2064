"""What every table has: the one database."""

from __future__ import annotations

import peewee

from crmshell.database import proxy


class Table(peewee.Model):
    """Any table of the program."""

    class Meta:
        database = proxy
        legacy_table_names = False
