"""The command language: tokens, declarations, reading and binding; no database, no terminal."""
