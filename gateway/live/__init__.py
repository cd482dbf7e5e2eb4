"""What a browser is told while it happens: `follower` receives the events, `streams` passes them on."""
