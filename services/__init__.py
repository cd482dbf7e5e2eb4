"""The four services of Pledge, and the kit they stand on."""

SERVICES = ("orders", "logistics", "aftersales", "support")
