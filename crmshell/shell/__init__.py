"""The interactive shell: one prompt, logged in once, for a whole day."""

from crmshell.shell.app import Shell

__all__ = ["Shell"]
