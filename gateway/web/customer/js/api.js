// The public API from a page: the token that came with the link, problem documents, idempotency.

/** Take the token out of `#token=…`, keep it for this tab and this thing, and remove it from the address bar. */
export function takeToken(name) {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem(`token:${name}`, given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return sessionStorage.getItem(`token:${name}`);
}

/** The token that this tab holds for a thing, if any. */
export const keptToken = (name) => sessionStorage.getItem(`token:${name}`);

/** Keep a token that the API gave. */
export const keepToken = (name, token) => sessionStorage.setItem(`token:${name}`, token);

/** What the API refused: the problem document, or one of our own when there was no answer at all. */
export class Problem extends Error {
  constructor(document) {
    super(document.detail);
    Object.assign(this, document);
  }
}

const NO_ANSWER = { status: 0, code: "no_answer", detail: "We could not be reached. Check your connection and try again." };

/** A random key: the same one for each try of one submission, so that a repeat is harmless. */
export function newKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Call the API. Returns the JSON answer; throws Problem. */
export async function call(method, path, { token = null, body = null, key = null } = {}) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== null) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  let response;
  try {
    response = await fetch(path, { method, headers, body: body === null ? null : JSON.stringify(body) });
  } catch {
    throw new Problem(NO_ANSWER);
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new Problem(answer ?? { ...NO_ANSWER, status: response.status });
  return answer;
}
