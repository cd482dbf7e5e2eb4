"""Tests of aftersales; `builders` makes the orders, returns and events they speak of."""
