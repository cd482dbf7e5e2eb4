// Who is signed in, and the public API in their name.
//
//   await session.askCode("agent@pledge.example");  await session.verify("agent@pledge.example", "1234 5678");
//   const page = await get("/v1/reviews");           await send("POST", "/v1/orders/ORD-…/review", {...}, {version: 3});
//
// A token that is over is renewed, and nobody sees it. When the session is over, the shell shows the sign-in page and
// comes back to where it was.

import { Problem, call, forgetSession, keptToken, newKey, newest, signIn, signOut, store } from "/web/js/api.js";

const KEPT = "desk:session";
const LASTS = 24 * 3600 * 1000; // no session of staff is longer; the access token is renewed as it is used
const NOBODY = { token: null, email: "", roles: [], secondFactor: "none" };
export { Problem };

class Session extends EventTarget {
  constructor() {
    super();
    Object.assign(this, NOBODY, this.#kept());
  }

  #kept() {
    try {
      const kept = JSON.parse(store("local")?.getItem(KEPT) ?? "null");
      if (!kept || kept.until > Date.now()) return kept ?? {};
      forgetSession(kept.token);
      return {};
    } catch {
      return {};
    }
  }

  #keep(kept) {
    Object.assign(this, NOBODY, kept);
    try {
      if (kept) store("local")?.setItem(KEPT, JSON.stringify(kept));
      else store("local")?.removeItem(KEPT);
    } catch {
      // full, or forbidden: the session lives as long as this page
    }
    this.dispatchEvent(new Event("change"));
  }

  get signedIn() {
    return this.token !== null;
  }

  /** The token to send now. */
  get newest() {
    return newest(this.token);
  }

  /** True if one of the roles is ours; an admin has each. */
  may(...roles) {
    return this.roles.includes("admin") || roles.some((role) => this.roles.includes(role));
  }

  askCode(email) {
    this.asked = call("POST", "/v1/sign-in", { body: { email } });
    return this.asked;
  }

  /** `shown`: the second factor of who has one, {passkey} or {one_time_password}. */
  async verify(email, code, shown = {}) {
    const { request } = await this.asked;
    const { access_token: token, roles, second_factor: secondFactor } = await signIn({ email, code, request, ...shown });
    this.#keep({ token, roles, secondFactor, email, until: Date.now() + LASTS });
  }

  /** Read again what this session may do: a second factor was set up, or removed. */
  async renewRoles() {
    const refresh = keptToken(`after:${this.token}`);
    const { roles, second_factor: secondFactor } = await call("POST", "/v1/sign-in/refresh", { body: { refresh_token: refresh } });
    const { token, email, until } = this;
    this.#keep({ token, roles, secondFactor, email, until });
  }

  /** End the session, here and at the server. */
  leave() {
    signOut(this.token).catch(() => null); // over already, or not reached: this browser forgets it either way
    this.end();
  }

  end() {
    this.#keep(null);
  }
}

export const session = new Session();

async function asOurselves(method, path, options = {}) {
  try {
    return await call(method, path, { token: session.token, ...options });
  } catch (problem) {
    if (problem.status === 401) session.end();
    throw problem;
  }
}

/** Read something. Throws Problem. */
export const get = (path) => asOurselves("GET", path);

/** Do something; a repeat with the same `key` is harmless. `version`: what we looked at, refused (412) if it moved on. `keepalive`: also when the page is left. */
export const send = (method, path, body = {}, { key = newKey(), version = null, keepalive = false } = {}) =>
  asOurselves(method, path, { body: version === null ? body : { ...body, version }, key, keepalive });

/** Send a file as it is: `type` says of what kind. */
export const sendFile = (path, body, type, key = null) => asOurselves("POST", path, { body, type, key });

/** Read a list to its end, or to `most` items: {items, more}, and what its last page tells beside them. */
export async function list(path, most = 200) {
  const items = [];
  for (let cursor = null; ; ) {
    const url = new URL(path, location.origin);
    url.searchParams.set("limit", "100");
    if (cursor) url.searchParams.set("cursor", cursor);
    const page = await get(url.pathname + url.search);
    items.push(...page.items);
    cursor = page.next_cursor;
    if (!cursor || items.length >= most) return { items, more: Boolean(cursor), missing: page.missing ?? [], counts: page.counts ?? null };
  }
}
