"""The tests: reading without a database, models without commands, commands without a terminal, then the terminal."""
