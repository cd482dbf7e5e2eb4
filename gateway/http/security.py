"""What every answer tells browsers: what a page may load, who may frame it, who may read it from elsewhere.

Pages of other origins read nothing, but for those that PLEDGE_CORS_ORIGINS names: a shop's own front end. They are
named exactly, and only the API is opened to them. Callers prove themselves by a header that their script sets, never
by a cookie, so no answer ever allows credentials, and a page elsewhere cannot act in the name of who looks at it.
"""

from __future__ import annotations

from flask import Flask, Request, Response, request

from gateway.settings import GatewaySettings

API_POLICY = "default-src 'none'; frame-ancestors 'none'"
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
CARD_FRAMES, CARD_API = "https://hooks.stripe.com", "https://api.stripe.com"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ONLY_HTTPS = "max-age=31536000"  # a year; the hosts below ours are not ours to speak for
OPEN_TO_OTHERS = ("/v1/", "/sandbox/")
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"
"""Of what others sent: it loads nothing, runs nothing, and has no origin."""
MAY_BE_SENT = "Authorization, Content-Type, Form-Token, Idempotency-Key, If-Match, Last-Event-ID, Reason, Traceparent"
MAY_BE_READ = "ETag, RateLimit, RateLimit-Policy, Retry-After, X-Trace-Id"
REMEMBERED_SECONDS = 7200  # the most that Chromium takes


def policy_with_cards(origin: str) -> str:
    """Return the policy of a page on which that origin's script takes cards, in a frame of its own."""
    widened = PAGE_POLICY.replace("script-src 'self'", f"script-src 'self' {origin}")
    widened = widened.replace("connect-src 'self'", f"connect-src 'self' {origin} {CARD_API}")
    return f"{widened}; frame-src {origin} {CARD_FRAMES}"


def register(app: Flask, settings: GatewaySettings) -> None:
    """Have what is asked beforehand answered, and every answer marked."""
    origins, https = settings.origins, settings.public_url.startswith("https:")

    def answer_preflight() -> Response | None:
        asked = request.headers.get("Access-Control-Request-Method")
        if request.method != "OPTIONS" or asked is None or not _is_allowed(origins) or request.url_rule is None:
            return None
        headers = {"Methods": METHODS, "Headers": MAY_BE_SENT}
        told = {f"Access-Control-Allow-{name}": value for name, value in headers.items()}
        return Response(status=204, headers={**told, "Access-Control-Max-Age": str(REMEMBERED_SECONDS)})

    def mark(response: Response) -> Response:
        headers = response.headers
        headers.extend(HEADERS)  # none of which anything else of ours sets, so there is nothing to replace
        headers.setdefault("Content-Security-Policy", API_POLICY)
        if https and not came_by_http(request, settings.trusted_proxies):
            headers["Strict-Transport-Security"] = ONLY_HTTPS
        if origins and request.path.startswith(OPEN_TO_OTHERS):
            response.vary.add("Origin")  # to those without one too: a cache must not give theirs to the others
            if _is_allowed(origins):
                headers["Access-Control-Allow-Origin"] = request.headers["Origin"]
                headers["Access-Control-Expose-Headers"] = MAY_BE_READ
        return response

    app.before_request(answer_preflight)
    app.after_request(mark)


def came_by_http(incoming: Request, trusted_proxies: int) -> bool:
    """Return whether a trusted proxy says that the client came without TLS: then it is not told to use HTTPS only."""
    said = [part.strip() for part in incoming.headers.get("X-Forwarded-Proto", "").split(",")]
    return trusted_proxies > 0 and said[-trusted_proxies:][0].lower() == "http"


def _is_allowed(origins: frozenset[str]) -> bool:
    return request.headers.get("Origin") in origins and request.path.startswith(OPEN_TO_OTHERS)
