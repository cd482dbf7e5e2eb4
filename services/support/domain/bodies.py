"""Who outside our house helps a consumer, by country: told where a complaint is not upheld in all. Data, dated. Pure.

No court is among them, and turning to them costs the customer no right. The European Union's platform for online
disputes was closed in July 2025 and is not among them. Look the list up again once a year, and set AS_OF.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

AS_OF = date(2025, 12, 1)


class Body(NamedTuple):
    """An office or organization for consumers, and where it is found."""

    name: str
    url: str


ANYWHERE = Body("econsumer.gov, for purchases across borders", "https://econsumer.gov")
"""The reporting page of the consumer authorities of more than 40 countries."""

_CENTRES = "https://www.eccnet.eu"
ECC_NET: Mapping[str, str] = {
    "AT": "Austria", "BE": "Belgium", "BG": "Bulgaria", "CY": "Cyprus", "CZ": "Czechia", "DE": "Germany",
    "DK": "Denmark", "EE": "Estonia", "ES": "Spain", "FI": "Finland", "FR": "France", "GR": "Greece", "HR": "Croatia",
    "HU": "Hungary", "IE": "Ireland", "IS": "Iceland", "IT": "Italy", "LT": "Lithuania", "LU": "Luxembourg",
    "LV": "Latvia", "MT": "Malta", "NL": "the Netherlands", "NO": "Norway", "PL": "Poland", "PT": "Portugal",
    "RO": "Romania", "SE": "Sweden", "SI": "Slovenia", "SK": "Slovakia",
}  # fmt: skip
"""Where the network of European Consumer Centres has one: the Union, Iceland and Norway."""

BODIES: Mapping[str, Body] = {
    **{code: Body(f"the European Consumer Centre of {name}", _CENTRES) for code, name in ECC_NET.items()},
    "AU": Body("the Australian Competition and Consumer Commission", "https://www.accc.gov.au"),
    "BR": Body("Consumidor.gov.br", "https://www.consumidor.gov.br"),
    "CA": Body("the Office of Consumer Affairs", "https://ised-isde.canada.ca/site/office-consumer-affairs"),
    "CH": Body("the Federal Consumer Affairs Bureau", "https://www.konsum.admin.ch"),
    "CN": Body("the national platform 12315", "https://www.12315.cn"),
    "GB": Body("Citizens Advice", "https://www.citizensadvice.org.uk/consumer"),
    "IN": Body("the National Consumer Helpline", "https://consumerhelpline.gov.in"),
    "JP": Body("the Cross-border Consumer Center Japan", "https://www.ccj.kokusen.go.jp"),
    "KR": Body("the Korea Consumer Agency", "https://www.kca.go.kr"),
    "MX": Body("Profeco", "https://www.gob.mx/profeco"),
    "NZ": Body("Consumer Protection of New Zealand", "https://www.consumerprotection.govt.nz"),
    "SG": Body("the Consumers Association of Singapore", "https://www.case.org.sg"),
    "US": Body("the Federal Trade Commission", "https://reportfraud.ftc.gov"),
}


def next_body(country: str | None) -> Body:
    """Return who helps in that country; for a country without an entry, and for none, the page for all."""
    return BODIES.get(country or "", ANYWHERE)
