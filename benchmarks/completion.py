"""How quick completion is at any size: `python -m benchmarks.completion URL…`, one database of benchmarks.data each.

At the keys: the real prompt in a pty beside the same one without its completer and one with a fixed list of as many
entries, a key at a time, the three in turn. Below them: what the completer asks the database, beside the bare range of
the index with its rows, unfiltered and filtered by permission, idle and while another process writes (it changes the
moment of a customer to what it is already, so that the data stay what they are).
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from random import Random

from benchmarks.data import PASSWORD
from benchmarks.keystrokes import Keystrokes
from benchmarks.measure import Times, in_turn, markdown, milliseconds, write_between_markers
from crmshell.access import OWN, UNSIGNED, Rule
from crmshell.database import current, open_database, shown_url
from crmshell.models.base import Record
from crmshell.models.contract import Contract
from crmshell.models.customer import Customer
from crmshell.models.employee import Employee
from crmshell.models.offers import MOST, Scope, candidates
from crmshell.models.ways import NEAR

KINDS = ("none", "fixed", "real")
_BETWEEN_KEYS = 0.05  # seconds
FRAGMENTS = ("d", "mar", "dub", "", "s", "jea", "l", "per")
LINES = ("customer detail ", "customer update ", "contract sign ")


def main() -> None:
    """Measure, print and, if asked, put the tables into the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("urls", nargs="+", metavar="URL")
    parser.add_argument("--words", type=int, default=40, help="how many words are typed at each prompt")
    parser.add_argument("--rounds", type=int, default=60, help="how often each query runs")
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/README.md")
    arguments = parser.parse_args()
    keys = [_line_of_keys(url, arguments.words) for url in arguments.urls]
    queries = [row for url in arguments.urls for row in _lines_of_queries(url, arguments.rounds)]
    text = f"{markdown(_KEYS, keys)}\n\n{markdown(_QUERIES, queries)}"
    print(text)
    if arguments.write:
        write_between_markers("completion", text)


# At the keys

_KEYS = (
    "database",
    "echo p50, no completer",
    "real",
    "echo p99, no completer",
    "real",
    "×",
    "menu p50, fixed",
    "real",
    "×",
)


def _line_of_keys(url: str, words: int) -> Sequence[str]:
    echoes, menus = _typed(url, words)
    none, real = echoes["none"], echoes["real"]
    fixed, menu = menus["fixed"], menus["real"]
    return (
        shown_url(url).rsplit("/", 1)[-1],
        *map(milliseconds, (none.median, real.median, none.p99, real.p99)),
        f"{real.p99 / none.p99:.2f}",
        *map(milliseconds, (fixed.median, menu.median)),
        f"{menu.times(fixed):.2f}",
    )


def _typed(url: str, words: int) -> tuple[dict[str, Times], dict[str, Times]]:
    """Echoes in the middle of typing, and menus once the typing stops, by kind of prompt."""
    chance = Random(5)
    environ = {"CRM_PASSWORD": PASSWORD, "XDG_STATE_HOME": "/nonexistent"}
    echoes, menus = ({kind: Times() for kind in KINDS} for _ in range(2))
    with ExitStack() as stack:
        prompts = {kind: stack.enter_context(Keystrokes(kind, url, "carla", environ)) for kind in KINDS}
        for turn in range(-2, words):
            word = f"{chance.choice(LINES)}{chance.choice(('ma', 'be', 'le', 'd', 'm'))}"
            for kind, prompt in prompts.items():
                times = [_paced(prompt, key) for key in word[:-1]]
                prompt.settle()
                menu = prompt.press(word[-1])
                if turn >= 0:
                    echoes[kind] += times
                    menus[kind].append(menu)
                if kind != "none" and "·" not in prompt.text.partition("carla commercial>")[2]:
                    message = f"no menu at the {kind} prompt:\n{prompt.text}"
                    raise RuntimeError(message)
                prompt.clear()
    return echoes, menus


def _paced(prompt: Keystrokes, key: str) -> float:
    """The echo of a key of somebody who types twenty a second, three times as fast as people do."""
    seconds = prompt.echo(key)
    time.sleep(max(0.0, _BETWEEN_KEYS - seconds))
    return seconds


# Below them

_QUERIES = (
    "database, p99 in ms (× bare range)",
    "bare range",
    "customers",
    "own customers",
    "no letter",
    "own, no letter",
    "two words",
    "bare range of contracts",
    "own unsigned contracts",
)


def _lines_of_queries(url: str, rounds: int) -> Iterator[Sequence[str]]:
    database = open_database(url, may_create=False)
    name = shown_url(url).rsplit("/", 1)[-1]
    database.expect_lookups()
    try:
        yield _line_of_queries(name, rounds)
        with _writing(url):
            yield _line_of_queries(f"{name}, another process writes", rounds)
    finally:
        database.close()


def _line_of_queries(name: str, rounds: int) -> Sequence[str]:
    carla = Employee.find_named("carla")
    assert carla is not None
    customers, own = _scope(Customer, carla), _scope(Customer, carla, OWN)
    unsigned = _scope(Contract, carla, OWN, UNSIGNED)
    letters = [fragment for fragment in FRAGMENTS if fragment]
    times = in_turn(
        {
            "bare": lambda: [_bare(letter) for letter in letters],
            "customers": lambda: [candidates(customers, letter) for letter in letters],
            "own": lambda: [candidates(own, letter) for letter in letters],
            "none": lambda: [candidates(customers, "") for _ in letters],
            "own, none": lambda: [candidates(own, "") for _ in letters],
            "two": lambda: [candidates(customers, f"{letter} dub") for letter in letters],
            "bare contracts": lambda: [_bare_contracts(letter, carla.id) for letter in letters],
            "unsigned": lambda: [candidates(unsigned, letter) for letter in letters],
        },
        rounds,
        warm=3,
    )
    bare = {case: times["bare contracts" if case in {"bare contracts", "unsigned"} else "bare"].p99 for case in times}
    return name, *(
        f"{milliseconds(found.p99 / len(letters))} ({found.p99 / bare[case]:.1f})" for case, found in times.items()
    )


def _scope(model: type[Record], employee: Employee, *rules: Rule) -> Scope:
    def conditions() -> list[object]:
        return [rule.condition(model, employee) for rule in rules]

    return Scope(model, rules, conditions, employee.id if OWN in rules else None)


def _bare(letter: str) -> object:
    """The range of the index and its rows, as one would write it by hand."""
    mark = current().param
    sql = (
        "SELECT c.id, c.fullname, c.company, e.username FROM (SELECT record_id FROM search_term "
        f"WHERE noun = 'customer' AND term >= {mark} AND term < {mark} ORDER BY term, record_id LIMIT {MOST}) t "
        "JOIN customer c ON c.id = t.record_id JOIN employee e ON e.id = c.commercial_id"
    )
    return current().execute_sql(sql, (letter, f"{letter}\U0010ffff")).fetchall()


def _bare_contracts(letter: str, owner_id: int) -> object:
    """The same for the contracts of one commercial that are not signed: those of the customers in the range."""
    mark = current().param
    sql = (
        "SELECT k.uuid, c.fullname, c.company, k.total_amount, k.created_at FROM (SELECT record_id FROM search_term "
        f"WHERE noun = 'customer' AND owner_id = {mark} AND term >= {mark} AND term < {mark} "
        f"ORDER BY term, record_id LIMIT {NEAR}) t JOIN contract k ON k.customer_id = t.record_id "
        f"JOIN customer c ON c.id = t.record_id WHERE k.signed_at IS NULL AND k.cancelled_at IS NULL LIMIT {MOST}"
    )
    return current().execute_sql(sql, (owner_id, letter, f"{letter}\U0010ffff")).fetchall()


@contextlib.contextmanager
def _writing(url: str) -> Iterator[None]:
    """Another process that writes as fast as it can, each time in a transaction of its own."""
    writer = subprocess.Popen([sys.executable, "-m", "benchmarks.writer", url], env=os.environ, stdout=subprocess.PIPE)
    assert writer.stdout is not None
    writer.stdout.readline()
    try:
        yield
        if writer.poll() is not None:
            message = "the writer ended by itself"
            raise RuntimeError(message)
    finally:
        writer.kill()
        writer.wait()


if __name__ == "__main__":
    main()
