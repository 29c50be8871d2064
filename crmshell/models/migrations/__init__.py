"""The schema, one numbered step after another; each is applied once and recorded by name."""
