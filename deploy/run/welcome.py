"""The page of addresses that a started platform prints."""

from __future__ import annotations

from services.common.runtime.config import Settings

STAFF = ("agent", "reviewer", "warehouse", "aftersales", "lead", "admin")


def welcome_text(settings: Settings) -> str:
    """Return where everything is, for a person who sees the platform for the first time."""
    url = settings.public_url
    staff = ", ".join(f"{role}@pledge.example" for role in STAFF)
    return f"""
Pledge is running.

  sample shop     {url}/shop
  front page      {url}/
  contact page    {url}/contact
  staff desk      {url}/desk
  API docs        {url}/v1/docs
  OpenAPI 3.1     {url}/v1/openapi.json
  health          {url}/v1/health

  sign in         POST {url}/v1/sign-in {{"email": …}}, read the code in the mail, POST /v1/sign-in/verify
    as staff      {staff}
    as customer   any other address
  outgoing mail   {url}/dev/mail     (files: {settings.data_dir.resolve() / "mail"})

  see it work     make demo          (in a second terminal)
  work yourself   make practice      (there too: something to do for every role, see docs/staff-guide.md)
  stop            Ctrl-C
"""
