"""The commands: one module a noun, of declared functions that act, return and never print."""

from crmshell.commands.registry import GRAMMAR

__all__ = ["GRAMMAR"]
