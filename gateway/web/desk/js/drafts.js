// What is being written on conversations: kept at the server, each person's for themselves, found again at any machine.
//
//   drafts.read(number, ticket.drafts)        what the server has, when a conversation is read
//   drafts.of(number, kind)                   the words as they stand in the field; kind: "answer" or "note"
//   drafts.typed(number, kind, text)          they are kept a moment later
//   await drafts.settle(number, kind)         before they are sent: nothing is on its way any more; gives their version
//   drafts.sent(number, kind)                 nothing remains of them
//   drafts.addEventListener("change", …)      what is told beside the field may have changed
//
// Until the server has the last words they are in this browser too, so that a page that is loaded again has them all.

import { store } from "/web/js/api.js";
import { html, t } from "./parts.js";
import { send, session } from "./session.js";

export const KINDS = ["answer", "note"];
const PAUSE = 800, AGAIN = 10_000; // milliseconds without a key before words are kept, and before a failure is tried again
const LATEST = 5000; // words of who writes without a pause are kept so often

const keyOf = (number, kind) => `desk:draft:${session.email}:${number}:${kind}`;
const unkept = (entry) => entry.text.trim() !== entry.kept;

class Drafts extends EventTarget {
  #entries = new Map();
  #of = session.email;

  constructor() {
    super();
    session.addEventListener("change", () => this.#leave());
    document.addEventListener("visibilitychange", () => document.hidden && this.#keepAll());
  }

  /** Forget all when another person signs in: a draft is its writer's alone. */
  #leave() {
    if (this.#of === session.email) return;
    for (const entry of this.#entries.values()) clearTimeout(entry.timer);
    this.#entries.clear();
    this.#of = session.email;
  }

  #entry(number, kind) {
    const key = keyOf(number, kind);
    if (!this.#entries.has(key)) {
      const [version, text] = this.#here(key);
      this.#entries.set(key, { number, kind, key, text, kept: text ? null : "", version, elsewhere: null, failed: false, saving: null, timer: null, since: 0 });
    }
    return this.#entries.get(key);
  }

  /** What this browser has of words that the server may not have: [version, text]. */
  #here(key) {
    try {
      return JSON.parse(store("session")?.getItem(key) ?? "null") ?? [0, ""];
    } catch {
      return [0, ""];
    }
  }

  #note(entry) {
    try {
      if (unkept(entry)) store("session")?.setItem(entry.key, JSON.stringify([entry.version, entry.text]));
      else store("session")?.removeItem(entry.key);
    } catch {
      // full, or forbidden: the words live as long as this page, or until the server has them
    }
  }

  of(number, kind) {
    return this.#entry(number, kind).text;
  }

  /** Whether something was begun here and not sent. */
  any(number) {
    return KINDS.some((kind) => this.of(number, kind));
  }

  /** What is to be told of it: {kept, failed, elsewhere}. */
  about(number, kind) {
    const entry = this.#entry(number, kind), { elsewhere, failed } = entry;
    return { kept: Boolean(entry.text.trim()) && !unkept(entry), failed, elsewhere };
  }

  /** Take over what the server has. Words that it does not have yet stay; where both were changed, the writer decides. */
  read(number, views = []) {
    for (const kind of KINDS) {
      const entry = this.#entry(number, kind), { body, version } = views.find((each) => each.kind === kind) ?? { body: "", version: 0 };
      if (entry.saving || version < entry.version) continue; // read before the last words were kept
      const words = entry.text.trim();
      if (body === words || !unkept(entry)) Object.assign(entry, { text: body === words ? entry.text : body, kept: body, version, elsewhere: null });
      else if (version === entry.version) this.#later(Object.assign(entry, { kept: body }), PAUSE);
      else entry.elsewhere = { body, version };
      this.#note(entry);
    }
  }

  typed(number, kind, text) {
    const entry = this.#entry(number, kind);
    entry.text = text;
    this.#note(entry);
    entry.since ||= Date.now();
    this.#later(entry, Math.max(0, Math.min(PAUSE, entry.since + LATEST - Date.now())));
  }

  #later(entry, pause) {
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => this.#keep(entry), pause);
  }

  #keepAll() {
    for (const entry of this.#entries.values()) if (unkept(entry)) this.#keep(entry);
  }

  /** Keep the words, one time after the other: what is typed meanwhile is kept next. */
  #keep(entry) {
    clearTimeout(entry.timer);
    entry.since = 0;
    if (entry.saving || entry.elsewhere || !unkept(entry)) return;
    entry.saving = this.#save(entry).finally(() => {
      entry.saving = null;
      this.#note(entry);
      this.dispatchEvent(new Event("change"));
    });
  }

  async #save(entry) {
    const { number, kind, text, version } = entry;
    try {
      const kept = await send("PUT", `/v1/tickets/${number}/draft`, { kind, body: text, version }, { key: null, keepalive: true });
      Object.assign(entry, { kept: kept.body, version: kept.version, failed: false });
      if (unkept(entry)) this.#later(entry, PAUSE);
    } catch (problem) {
      if (problem.code === "version_moved") entry.elsewhere = problem.current;
      else entry.failed = true;
      if (entry.failed && (problem.status === 0 || problem.status === 429 || problem.status >= 500)) this.#later(entry, AGAIN);
    }
  }

  async settle(number, kind) {
    const entry = this.#entry(number, kind);
    clearTimeout(entry.timer);
    await entry.saving;
    clearTimeout(entry.timer);
    return entry.version;
  }

  sent(number, kind) {
    const entry = this.#entry(number, kind);
    clearTimeout(entry.timer);
    Object.assign(entry, { text: "", kept: "", version: entry.version + 1, elsewhere: null, failed: false, since: 0 });
    this.#note(entry);
  }

  /** Decide between what was written here and elsewhere: theirs takes the place of ours, or ours is kept. */
  decide(number, kind, takeTheirs) {
    const entry = this.#entry(number, kind), { body, version } = entry.elsewhere;
    Object.assign(entry, { kept: body, version, elsewhere: null, ...(takeTheirs ? { text: body } : {}) });
    this.#note(entry);
    this.#keep(entry);
    this.dispatchEvent(new Event("change"));
  }
}

export const drafts = new Drafts();

/** What became of the words so far: kept, not yet, or written on elsewhere too. `decide(takeTheirs)`: between the two. */
export function drawDraft(number, kind, decide) {
  const { kept, failed, elsewhere } = drafts.about(number, kind);
  if (!elsewhere) return html`<p class="soft xs draft-kept">${failed ? t("Not kept yet: only this browser has it.") : kept ? t("Kept as your draft. Only you see it.") : html`&nbsp;`}</p>`;
  return html`<div class="note risk" role="status"><p>${elsewhere.body ? t("You wrote on in another tab, or at another machine:") : t("You have sent or emptied this in another tab, or at another machine.")}</p>
    ${elsewhere.body ? html`<p class="message">${elsewhere.body}</p>` : ""}
    <div class="acts"><button type="button" class="btn" @click=${() => decide(true)}>${t("Take that")}</button><button type="button" class="btn" @click=${() => decide(false)}>${t("Keep this")}</button></div></div>`;
}
