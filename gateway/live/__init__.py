"""What a browser is told while it happens: `follower` hears the events, `streams` passes them on."""
