"""Signing in with a one-time code from an e-mail, the sessions that follow, and a second factor."""

from __future__ import annotations

from dataclasses import replace

from flask import request as http

from gateway.http import limits
from gateway.http.calls import services
from gateway.http.resource import Resource
from services.common.edge import texts
from services.support.api import (
    Accepted,
    BegunFactor,
    BegunPasskey,
    ConfirmFactor,
    ConfirmPasskey,
    FactorList,
    NewPasskey,
    RecoveryCodes,
    Refreshed,
    RefreshSession,
    RequestSignIn,
    SessionList,
    SignedIn,
    SignInRequested,
    SupportApi,
    VerifySignIn,
)

blp = Resource("sign-in", "One-time codes by e-mail, what they are exchanged for, and how that ends")
DEVICE_LENGTH = 200


@blp.post("/sign-in", SupportApi.request_sign_in, status=202, limit=limits.SIGN_IN)
def request_sign_in(request: RequestSignIn) -> SignInRequested:
    return services().support.request_sign_in(request)


@blp.post("/sign-in/verify", SupportApi.verify_sign_in, limit=limits.VERIFY)
def verify_sign_in(request: VerifySignIn) -> SignedIn:
    named = texts.visible_line(http.headers.get("User-Agent", ""))[:DEVICE_LENGTH].strip()
    return services().support.verify_sign_in(replace(request, device=request.device or named or None))


@blp.post("/sign-in/refresh", SupportApi.refresh_session, limit=limits.VERIFY)
def refresh_session(request: RefreshSession) -> Refreshed:
    return services().support.refresh_session(request)


@blp.post("/sign-out", SupportApi.sign_out)
def sign_out() -> Accepted:
    return services().support.sign_out()


@blp.get("/sessions", SupportApi.list_sessions)
def list_sessions() -> SessionList:
    return services().support.list_sessions()


@blp.delete("/sessions", SupportApi.end_sessions)
def end_sessions() -> Accepted:
    return services().support.end_sessions()


@blp.delete("/sessions/<session:session_id>", SupportApi.end_session)
def end_session(session_id: str) -> Accepted:
    return services().support.end_session(session_id)


@blp.get("/second-factor", SupportApi.list_factors)
def list_factors() -> FactorList:
    return services().support.list_factors()


@blp.post("/second-factor", SupportApi.begin_factor, status=201)
def begin_factor() -> BegunFactor:
    return services().support.begin_factor()


@blp.post("/second-factor/confirmation", SupportApi.confirm_factor, limit=limits.VERIFY)
def confirm_factor(request: ConfirmFactor) -> RecoveryCodes:
    return services().support.confirm_factor(request)


@blp.post("/second-factor/passkeys", SupportApi.begin_passkey, status=201)
def begin_passkey() -> BegunPasskey:
    return services().support.begin_passkey()


@blp.post("/second-factor/passkeys/confirmation", SupportApi.confirm_passkey, status=201, limit=limits.VERIFY)
def confirm_passkey(request: ConfirmPasskey) -> NewPasskey:
    return services().support.confirm_passkey(request)


@blp.delete("/second-factor/passkeys/<id:passkey_id>", SupportApi.remove_passkey)
def remove_passkey(passkey_id: str) -> Accepted:
    return services().support.remove_passkey(passkey_id)
