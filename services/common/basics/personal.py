"""Personal data: how a declaration marks it, and what is left of it once it is erased. Pure.

    email: Annotated[str, EmailAddress(), Personal()]

A text that is marked is sealed in the journal (`store.sealing`) and overwritten in rows when its customer's data is
erased. What stands in its place is `ERASED`, in lists, stories and events alike.
"""

from __future__ import annotations

from dataclasses import dataclass

ERASED = "erased"
"""What stands where personal data was."""
CUSTOMER_ERASED = f"customer:{ERASED}"
"""What stands where the customer was named as the one who acted."""


@dataclass(frozen=True)
class Personal:
    """Marks a text that tells something of a customer: a name, an address, words of their own."""
