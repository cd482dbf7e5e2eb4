"""Laboratories, never imported by the product: `bench` measures, `chaos` breaks and checks what was promised."""
