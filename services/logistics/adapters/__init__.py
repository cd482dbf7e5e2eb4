"""What talks to other machines: `carriers`, one adapter each."""
