"""Saved views: the line of a list under a name, of one employee or shared by all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import peewee

from crmshell.errors import Forbidden, NotFound
from crmshell.models.base import Record
from crmshell.models.employee import Employee
from crmshell.models.fields import MomentField, NameField, Shown
from crmshell.text import nearest, safe, shorten


class View(Record):
    """A view; without an owner it is shared. Somebody's own goes before a shared one of the same name."""

    noun: ClassVar[str] = "view"

    id: peewee.AutoField[int] = peewee.AutoField()
    name = NameField(max_length=40, help_text="the word to type")
    owner = peewee.ForeignKeyField(Employee, backref="views", null=True)
    owner_id: int | None
    line = peewee.TextField(help_text="the list it stands for")
    created_at = MomentField()
    updated_at = MomentField()

    class Meta:
        table_name = "saved_view"

    @property
    def title(self) -> str:
        """By its name."""
        return f"view {self.name}"

    @classmethod
    def listed(cls) -> Any:
        """Every view with the username of its owner."""
        return cls.select(*cls.shown_sources()).join(Employee, peewee.JOIN.LEFT_OUTER)

    @classmethod
    def usable_by(cls, employee: Employee) -> Any:
        """The condition of one's own and of those that are shared."""
        return (cls.owner == employee.id) | cls.owner.is_null()

    @classmethod
    def find_named(cls, name: str, employee: Employee) -> Self:
        """The view that a name means to somebody; raises NotFound."""
        views = usable_views(employee)
        if name not in views:
            known = nearest(name, sorted(views))
            hint = f"did you mean {known}?" if known else "view list shows them"
            raise NotFound(f"there is no view {shorten(safe(name), 40) or 'without a name'}", hint=hint)
        return views[name]  # type: ignore[return-value]  # of this class

    @classmethod
    def keep(cls, name: str, line: str, owner: Employee | None, now: int) -> Self:
        """Save a line under a name, in the place of the one that its owner had there."""
        same_owner = cls.owner.is_null() if owner is None else cls.owner == owner.id
        found: Self | None = cls.get_or_none((cls.name == name) & same_owner)
        if found is None:
            return cls(name=name, owner=owner, line=line, created_at=now, updated_at=now).store()
        found.line = line
        return found.store()

    def discard(self, by: Employee) -> None:
        """Delete it; a shared one only by an administrator."""
        if self.owner_id is None and not by.is_administrator:
            raise not_shared_by(by)
        self.remove()


def not_shared_by(employee: Employee) -> Forbidden:
    """The refusal for whoever may not share views, nor delete those that are shared."""
    message = f"shared views are for administrators, and {employee.username} has the role {employee.role}"
    return Forbidden(message, hint="without --shared it is a view of your own")


def usable_views(employee: Employee) -> dict[str, View]:
    """The views somebody may use, by name."""
    found: Sequence[View] = sorted(View.select().where(View.usable_by(employee)), key=lambda view: view.owner_id or 0)
    return {str(view.name): view for view in found}


View.shown = (
    Shown("id", View.id),
    Shown("name", View.name),
    Shown("owner", Employee.username),
    Shown("line", View.line),
    Shown("created_at", View.created_at),
)
