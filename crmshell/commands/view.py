"""Saved views, and a command for each record of one."""

from __future__ import annotations

from typing import Annotated

from crmshell.access import EVERYONE
from crmshell.commands.registry import GRAMMAR, Done, alone_asking, reads, writes
from crmshell.language.declaration import Option, Positional, Rest
from crmshell.language.definitions import check_word, read_definition
from crmshell.models.view import View, not_shared_by
from crmshell.outcome import Rows, Said
from crmshell.parameters import Line
from crmshell.session import Session
from crmshell.text import plural, safe
from crmshell.views import Given, Opened, ViewName, check_line, may_share, split_doing

AnyView = Annotated[str, ViewName(), Option("view"), "the view"]
Parameters = Annotated[
    tuple[tuple[str, str], ...], Given(), Option("given"), Positional(Rest.ALL_WORDS), "values for its parameters"
]


@writes("view save", by=EVERYONE)
def save(
    session: Session,
    name: Annotated[str, ViewName(), Option("name"), "the word to type"],
    line: Annotated[str, Line(), Positional(Rest.WHOLE_LINE), "a list, behind a ="],
    shared: Annotated[bool, "for everybody; by an administrator, before the ="] = False,
) -> Done:
    """Save a list under a name; in the shell the name alone runs it.

    $NAME in the line is a parameter: `view run since day=-30d`; a condition with one stands in double quotes. A view
    says what is listed, not in which format, and hides no command.

    crm> view save late = contract list --not-paid-filter --where 'signed_at < -60d' --sort total_due-
    crm> view save --shared since = event list --where "start >= $day" --columns id,name,start
    """
    word, words, _has_sign = read_definition(name, line)
    check_word(word, View.noun, GRAMMAR)
    check_line(words, GRAMMAR)
    if shared and not may_share(session):
        raise not_shared_by(session.user)
    view = View.keep(word, words, None if shared else session.user, session.now())
    return Done(view, f"{view.title} is saved")


@reads("view list")
def list_views(session: Session) -> Rows:
    """List your views and those that are shared.

    crm> view list
    """
    return View.rows(View.listed().where(View.usable_by(session.user)).order_by(View.name, View.id))


@reads("view run")
def run_view(session: Session, view: AnyView, given: Parameters = ()) -> Rows:
    """Show what a view lists now.

    crm> view run unsigned
    crm> view run upcoming day=today --format csv
    """
    return Opened.of(View.find_named(view, session.user), dict(given), session, GRAMMAR).rows(session)


@writes("view delete", by=EVERYONE)
def delete(session: Session, view: AnyView) -> Said:
    """Delete a view of your own, or as an administrator one that is shared.

    crm> view delete unsigned
    """
    found = View.find_named(view, session.user)
    found.discard(session.user)
    return Said(f"{found.title} is deleted: {safe(str(found.line))}")


def _preview(session: Session, view: str, line: str) -> str:
    """How many records would be worked on."""
    given, doing = split_doing(line, session)
    opened = Opened.of(View.find_named(view, session.user), given, session, GRAMMAR)
    return f"{plural(len(opened.ids(session)), opened.model.noun)}: {safe(doing)}"


@alone_asking("for", preview=_preview)
def for_each(
    session: Session,
    view: AnyView,
    line: Annotated[
        str, Line(), Positional(Rest.WHOLE_LINE), "values for its parameters, do, and a command; @it is the record"
    ],
    keep_going: Annotated[bool, "leave out those that are refused, and do the others; before the view"] = False,
) -> Said:
    """Run a command for each record of a view, all or nothing.

    @it is the record and @it.field one of its fields. How many there are is said before it is asked whether to go on; a
    batch needs --yes. All of it is one transaction: where a rule refuses one record, nothing is done at all, unless
    --keep-going leaves it out. Each command has its own entry in the journal.

    crm> for unsigned do contract sign @it
    crm> for upcoming day=today do event set-support @it ""
    crm> for --keep-going unsigned do contract update @it --total-amount @it.total_amount
    """
    from crmshell.commands.each import run_for_each

    given, doing = split_doing(line, session)
    opened = Opened.of(View.find_named(view, session.user), given, session, GRAMMAR)
    return run_for_each(opened, doing, session, keep_going=keep_going)
