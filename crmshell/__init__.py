"""crm-shell: the internal CRM of a company that organises events, worked from a keyboard."""

__version__ = "0.1.0"
