"""The records of the company, the rules they keep themselves, and the journal of every change."""
