"""How support reaches the world outside: by mail, and by the devices that people sign in with."""
