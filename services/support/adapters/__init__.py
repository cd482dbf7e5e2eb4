"""How support reaches the world outside: by mail."""
