"""The four services of Pledge and the kit they stand on."""
