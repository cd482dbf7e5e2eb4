"""What the mails say: the right words in the right order, and nothing that is not so."""

from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from services.aftersales.api.events import ReturnAuthorized
from services.support.adapters.mail import aftersales, postal
from services.support.tests.builders import an_event

ADDRESS = {
    "name": "Pledge Returns",
    "line1": "18 Binhe Road",
    "line2": "Gate 4",
    "city": "Shenzhen",
    "postal_code": "518000",
    "country": "CN",
    "reference": "RET-1",
}
ENVELOPE = ["Pledge Returns", "18 Binhe Road", "Gate 4", "518000 Shenzhen", "CN", "Reference: RET-1"]


@given(st.permutations(sorted(ADDRESS)))
def test_an_address_reads_as_on_an_envelope(keys):
    assert postal.lines({key: ADDRESS[key] for key in keys}) == ENVELOPE


def test_the_mail_of_a_return_shows_where_to_send_it():
    """The journal sorts the keys of what it keeps; the mail must not follow that order."""
    sorted_keys = json.loads(json.dumps(ADDRESS, sort_keys=True))

    text = aftersales.return_authorized(an_event(ReturnAuthorized, instructions=sorted_keys), None).text

    assert "\n".join(f"  {line}" for line in ENVELOPE) in text
