"""What connects orders to the machines of others: payment providers."""
