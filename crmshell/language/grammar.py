"""The commands that are declared, by noun and verb, each loaded with its module when its noun is first named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from crmshell.language.declaration import Command
from crmshell.language.forms import Forms
from crmshell.text import nearest


@dataclass
class Grammar:
    """All commands there are; `forms` are those of the lines that were read with them.

    `homes` names the modules that declare the commands of a noun; `load` imports one, when the noun is first named.
    """

    homes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    load: Callable[[str], object] = lambda _module: None
    forms: Forms = field(default_factory=Forms)
    _declared: dict[tuple[str, ...], Command] = field(default_factory=dict)
    _loaded: set[str] = field(default_factory=set)

    def add(self, command: Command) -> None:
        """Declare one more; a path is declared once."""
        if command.path in self._declared:
            message = f"{command.name} is declared twice"
            raise ValueError(message)
        self._declared[command.path] = command

    @property
    def commands(self) -> Mapping[tuple[str, ...], Command]:
        """All of them, by noun."""
        return {path: self._declared[path] for noun in self.nouns() for path in self._paths(noun)}

    def find(self, *path: str) -> Command | None:
        """The command of this path, None where there is none."""
        self._load_homes(*path[:1])
        return self._declared.get(path)

    def verbs(self, noun: str) -> list[str]:
        """The verbs of a noun, in the order of declaration; empty for a word that is no noun."""
        return [path[1] for path in self._paths(noun) if len(path) > 1]

    def nouns(self) -> list[str]:
        """The first words of all commands."""
        return list(dict.fromkeys([*self.homes, *(path[0] for path in list(self._declared))]))

    def _paths(self, noun: str) -> list[tuple[str, ...]]:
        self._load_homes(noun)
        homes = [*self.homes.get(noun, ())]
        declared = {path: command for path, command in list(self._declared.items()) if path[0] == noun}
        return sorted(declared, key=lambda path: _place(declared[path], homes))

    def _load_homes(self, noun: str) -> None:
        """Load the modules that declare a noun; a script that names one needs no other."""
        for module in self.homes.get(noun, ()):
            if module not in self._loaded:
                self.load(module)
                self._loaded.add(module)

    def nearest(self, *words: str) -> str | None:
        """The command the words were probably meant to be, None where none is like them."""
        if len(words) > 1 and words[0] in self.nouns():
            return self._nearest_verb(words[0], words[1])
        if len(words) > 1 and (swapped := self._nearest_verb(words[1], words[0])):
            return swapped
        known = [command.name for command in self.commands.values()]
        return nearest(" ".join(words), known if len(words) > 1 else [*self.nouns(), *known])

    def _nearest_verb(self, noun: str, verb: str) -> str | None:
        known = nearest(verb, self.verbs(noun))
        return f"{noun} {known}" if known else None


def _place(command: Command, homes: Sequence[str]) -> int:
    """Where the module of a command stands among the homes of its noun, in whatever order they were loaded."""
    module = command.function.__module__.rpartition(".")[2]
    return homes.index(module) if module in homes else 0
