// The public API from a page: the token that came with the link, problem documents, idempotency.
//
// A token is kept on this device until it is forgotten here or refused: another tab, a bookmark and the number on the
// front page find it again. Where the browser lets pages keep nothing, it is kept for this page alone.

import { language, t } from "/web/design/texts.js";

const unkept = new Map();

/** This browser's store for `kind` of things ("local", "session"); one that forgets with the page where there is none. */
export function store(kind) {
  try {
    return window[`${kind}Storage`];
  } catch {
    return null;
  }
}

function kept(name) {
  try {
    return store("local")?.getItem(name) ?? unkept.get(name) ?? null;
  } catch {
    return unkept.get(name) ?? null;
  }
}

/** Keep a token that the API gave, or that came with a link. */
export function keepToken(name, token) {
  keep(`token:${name}`, token);
}

function keep(name, value) {
  unkept.set(name, value);
  try {
    store("local")?.setItem(name, value);
  } catch {
    // full, or forbidden: it lives as long as this page
  }
}

/** Keep a token no longer: this device is not the reader's own, or the token is no good. */
export function forgetToken(name) {
  unkept.delete(`token:${name}`);
  try {
    store("local")?.removeItem(`token:${name}`);
  } catch {
    // nothing was kept
  }
}

/** The token that this device holds for a thing, if any. */
export const keptToken = (name) => kept(`token:${name}`);

/** Take the token out of `#token=…`, keep it on this device for this thing, and remove it from the address bar. */
export function takeToken(name) {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    keepToken(name, given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return keptToken(name);
}

/** Call `again` when another link to this very page is followed while it is open: only what is after the # changes then. */
export function onNewLink(again) {
  addEventListener("hashchange", () => {
    if (new URLSearchParams(location.hash.slice(1)).get("token")) again();
  });
}

/** What the API refused: the problem document, or one of our own when there was no answer at all. */
export class Problem extends Error {
  constructor(document) {
    super(document.detail);
    Object.assign(this, document);
  }
}

const NO_ANSWER = { status: 0, code: "no_answer", detail: t("We could not be reached. Check your connection and try again.") };

/** A random key: the same one for each try of one submission, so that a repeat is harmless. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Call the API. `type`: of a body that is sent as it is; `form`: the token of the form that a file is for. `keepalive`: it goes on when the page is left. Returns the JSON answer, or a file; throws Problem. */
export async function call(method, path, { token = null, body = null, key = null, type = null, form = null, keepalive = false } = {}) {
  const asked = newest(token);
  try {
    return await send(method, path, { token: asked, body, key, type, form, keepalive });
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.status !== 401 || !(await renew(token, asked))) throw problem;
    return send(method, path, { token: renewed.get(token), body, key, type, form, keepalive });
  }
}

/** Sign in with a code, without what is empty; this browser is known the next time, and the session goes on as it is used. */
export async function signIn(given) {
  const filled = Object.entries({ ...given, browser: kept("browser") }).filter(([, value]) => value);
  const session = await send("POST", "/v1/sign-in/verify", { body: Object.fromEntries(filled) });
  keepToken(after(session.access_token), session.refresh_token);
  keep("browser", session.browser);
  return session;
}

/** The newest token of the session that began with this one; itself, where it is none of a session. */
export const current = (token) => renewed.get(token) ?? token;

/** End the session that began with this token. */
export async function signOut(token) {
  try {
    await call("POST", "/v1/sign-out", { token, body: {} });
  } finally {
    forgetSession(token);
  }
}

/** Keep no longer what gets the next token of the session that began with this one. */
export const forgetSession = (token) => forgetToken(after(token));

/** Where what gets the next token is kept: by the first one, as one device can hold several people's sessions. */
const after = (token) => `after:${token}`;

const renewed = new Map(); // by the first token of a session: the newest one

/** The token to send now in a session that began with this one. */
export const newest = (token) => renewed.get(token) ?? token;

const renewals = new Map(); // by the first token of a session: the answer that is awaited

/** Get the next token of a session unless the one that was refused has a successor. Returns whether there is one. */
async function renew(token, refused) {
  if (renewed.has(token) && renewed.get(token) !== refused) return true;
  const refresh = keptToken(after(token));
  if (!token?.startsWith("acc_") || !refresh) return false;
  if (!renewals.has(token)) renewals.set(token, getNext(token, refresh).finally(() => renewals.delete(token)));
  return renewals.get(token);
}

async function getNext(token, refresh) {
  try {
    const session = await send("POST", "/v1/sign-in/refresh", { body: { refresh_token: refresh } });
    renewed.set(token, session.access_token);
    return true;
  } catch (problem) {
    if (problem.code !== "session_over") throw problem; // not reached, say: the session may be good yet
    forgetSession(token);
    return false;
  }
}

async function send(method, path, { token = null, body = null, key = null, type = null, form = null, keepalive = false }) {
  const headers = { Accept: "application/json", "Accept-Language": language }; // what it says in words is shown
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== null) headers["Content-Type"] = type ?? "application/json";
  if (key) headers["Idempotency-Key"] = key;
  if (form) headers["Form-Token"] = form;
  const sent = body === null || type ? body : JSON.stringify(body);
  let response;
  try {
    response = await fetch(path, { method, headers, body: sent, keepalive });
  } catch {
    throw new Problem(NO_ANSWER);
  }
  if (response.ok && response.headers.get("Content-Disposition")?.startsWith("attachment")) {
    return response.blob().catch(() => {
      throw new Problem(NO_ANSWER); // broken off: half a file is none
    });
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Problem(answer ?? { ...NO_ANSWER, status: response.status });
  return answer;
}
