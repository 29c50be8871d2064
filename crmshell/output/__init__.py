"""Outcomes become text here and nowhere else: data on stdout, talk on stderr, one module a format."""

from crmshell.output.faults import Source
from crmshell.output.printer import Printer
from crmshell.output.style import Pager, Style

__all__ = ["Pager", "Printer", "Source", "Style"]
