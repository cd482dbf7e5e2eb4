"""The configuration table of the README, made from the settings themselves: `python -m deploy.checks.configuration`."""

from __future__ import annotations

from gateway.settings import GatewaySettings
from services.aftersales.settings import AftersalesSettings
from services.common.runtime.config import Settings
from services.logistics.settings import LogisticsSettings
from services.orders.settings import OrdersSettings
from services.support.settings import SupportSettings

READERS: dict[str, type[Settings]] = {
    "all": Settings,
    "gateway": GatewaySettings,
    "orders": OrdersSettings,
    "logistics": LogisticsSettings,
    "aftersales": AftersalesSettings,
    "support": SupportSettings,
}


def table() -> str:
    """Return every variable once, in Markdown: who reads it, its default, what it is for."""
    lines = ["| variable | read by | default | what it is for |", "| --- | --- | --- | --- |"]
    rows = {row.env: row for settings in READERS.values() for row in settings.describe()}
    for env, row in rows.items():
        readers = [name for name, settings in READERS.items() if env in {each.env for each in settings.describe()}]
        who = "all" if "all" in readers else ", ".join(readers)
        default = f"`{row.default}`" if row.default else "—"
        lines.append(_escaped(f"| `{env}` | {who} | {default} | {row.doc} |"))
    return "\n".join(lines)


def _escaped(text: str) -> str:
    """Escape angle brackets as text in HTML. A code span shows everything as it is, also an escape."""
    parts = text.split("`")
    parts[::2] = [part.replace("<", "&lt;").replace(">", "&gt;") for part in parts[::2]]
    return "`".join(parts)


if __name__ == "__main__":
    print(table())
