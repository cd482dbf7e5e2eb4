// The base of all pages: reading, doing one thing at a time, keys, and hearing what others do.
//
// What happens elsewhere (`heard`) makes a page read again by itself. It says so politely and moves nothing that a
// person works with: the focus, a draft, an open form and the row that they are at stay where they are.

import { nameNumbers } from "./cards.js";
import { feed } from "./live.js";
import { LongLists } from "./long.js";
import { changesOf, identity } from "./moved.js";
import { LitElement, html, nothing, t, tc, tn, trouble } from "./parts.js";
import { Problem, session } from "./session.js";

const PAUSE = 1500; // milliseconds between two readings that nobody asked for
const RARELY = 5; // how many times longer than a reading took the pause after it is: long lists are read less often
const LONGEST = 6000; // milliseconds: the longest such pause, however slow reading is just now
const TOO_LONG = 60_000; // milliseconds after which a reading counts as unanswered, so that the page goes on
const TICK = 30_000; // after which "2 h left" is drawn anew
const SAID = 10_000; // that a line about what was done is seen

/** Whether the next reading may succeed where this one failed. */
const passes = ({ status }) => !(status >= 400 && status < 500) || status === 429;

/** Those of the values that are things with a name of their own. */
const named = (values) => values.filter((value) => value && typeof value === "object" && identity(value));

/** Refuse when a reading took too long. */
const late = () => new Promise((_, refuse) => setTimeout(() => refuse(new Problem({ status: 0, code: "no_answer", detail: t("Reading took too long. Press R to read again.") })), TOO_LONG));

/** Go to another page of the desk without loading the shell anew. */
export function go(path) {
  history.pushState(null, "", path);
  dispatchEvent(new Event("desk-go"));
}

/**
 * A page of the desk. It draws into the document itself, so that one sheet and one set of landmarks hold for all.
 *
 *   load()     reads what the page shows; again with R, when something was done, and when it is heard that it changed
 *   follows    the services whose news may change what it shows
 *   opened     what is open: {number, version}, so that it can be said that somebody changed it
 *   shut()     the fields of what is open, as they are while nothing is; new each time
 *   keys()     [{key, label, run?, hidden?, quiet?}]: bound while nobody types, listed in the strip below unless quiet
 *   draw()     the content
 */
export class Page extends LitElement {
  static properties = { problem: { state: true }, loading: { state: true }, away: { state: true }, busy: { state: true }, awaited: { state: true }, said: { state: true } };
  static follows = [];

  constructor() {
    super();
    Object.assign(this, { problem: null, loading: true, ready: false, away: false, turn: 0, busy: false, awaited: 0, said: "", params: [], most: 100, stale: false, reading: null, took: 0 });
    this.seen = () => this.catchUp();
    this.long = new LongLists(this);
    this.addEventListener("keydown", (event) => this.inForm(event));
  }

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener("visibilitychange", this.seen);
    this.long.connect();
    this.ticking = setInterval(() => this.requestUpdate(), TICK);
    feed.begun.then(() => this.isConnected && this.reload());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("visibilitychange", this.seen);
    this.long.disconnect();
    clearInterval(this.ticking);
  }

  keys() {
    return [];
  }

  shut() {
    return {};
  }

  /** In a form Ctrl-Enter sends it, and Escape leaves the field, so that the keys of the page work again. */
  inForm(event) {
    if (event.defaultPrevented) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.form) {
      event.preventDefault();
      event.target.form.requestSubmit();
    }
    if (event.key === "Escape" && event.target.form) event.target.blur();
  }

  get opened() {
    return null;
  }

  /** What a form is open for, as it was then: others may have changed it since, and the page has read that by itself. */
  get drafted() {
    return null;
  }

  async load() {}

  /** Put away what is open: the address names another thing, and no key or field may go on meaning this one. */
  putAway() {
    Object.assign(this, this.shut(), { away: true, turn: this.turn + 1, problem: null, loading: true, reading: null });
  }

  /**
   * Read again; `reading` is the promise of the last time. quietly: nobody asked for it, so a failure is no news.
   * One reading after the other, or what an older one found could be shown last; none waits for what was put away.
   */
  reload(quietly = false) {
    this.reading = Promise.resolve(this.reading).then(() => this.read(quietly));
    return this.reading;
  }

  async read(quietly) {
    const { turn } = this; // what comes of reading a thing is no news once another one is asked for
    const began = performance.now();
    Object.assign(this, { behind: this.stale, stale: false, awaited: this.awaited + !quietly });
    try {
      await Promise.race([this.load(), late()]);
      Object.assign(this, { ready: true, failed: 0 });
      if (turn !== this.turn) return;
      this.away = false;
      if (this.problem?.reading) this.problem = null;
    } catch (problem) {
      if (quietly) Object.assign(this, { stale: this.stale || passes(problem), failed: (this.failed ?? 0) + 1 });
      if (turn !== this.turn) return;
      if (!quietly) this.problem = Object.assign(problem, { reading: true });
    } finally {
      this.took = performance.now() - began;
      this.awaited -= !quietly;
      if (turn === this.turn) this.loading = false;
      this.requestUpdate();
    }
  }

  /** Something changed elsewhere: {items, all?}. Read again soon if it may concern what is shown. */
  heard({ items, all = false }) {
    if (!this.reading) return; // the first reading is to begin yet
    if (!all && !items.some(({ service }) => this.constructor.follows.includes(service))) return;
    const { number } = this.opened ?? {};
    const people = items.filter(({ by }) => by.includes("@") || by === "customer"); // what services do follows from it
    this.by = people.findLast(({ subject, order_number: order }) => number && (subject === number || order === number))?.by ?? this.by;
    this.stale = true;
    this.catchUp();
  }

  /** Read again what is out of date, unless nobody looks or something is being done, which reads again itself. */
  async catchUp() {
    if (!this.stale || this.catching || this.busy || document.hidden || !this.isConnected) return;
    this.catching = true;
    await this.reading;
    const before = this.outline();
    await this.reload(true);
    this.tell(before, this.outline());
    // desks that failed together, as when a service restarts, do not come back together
    const pause = Math.max(PAUSE, Math.min(RARELY * this.took, LONGEST)) * 2 ** Math.min(this.failed ?? 0, 5);
    await new Promise((resolve) => setTimeout(resolve, this.failed ? pause * (0.75 + Math.random() / 2) : pause));
    this.catching = false;
    this.catchUp();
  }

  /** What is shown, for the words about what changed: {keys, number, version}. */
  outline() {
    return { keys: new Set(), ...this.opened };
  }

  /** Say politely what others changed, after the words about our own act. */
  tell(before, after) {
    const words = [];
    const moved = before.number && before.number === after.number && before.version !== after.version;
    if (moved && this.by !== session.email && (this.by || !this.said)) words.push(this.by ? t("{number} was changed by {by}.", { number: after.number, by: this.by === "customer" ? t("the customer") : this.by }) : t("{number} was changed.", { number: after.number }));
    const more = [...after.keys].filter((key) => !before.keys.has(key)).length, gone = [...before.keys].filter((key) => !after.keys.has(key)).length;
    if (more || gone) words.push(`${[more && tn("{n} row more", "{n} rows more", more), gone && tn("{n} row gone", "{n} rows gone", gone)].filter(Boolean).join(", ")}.`);
    this.by = null;
    if (words.length) this.said = [moved ? "" : this.said, ...words].filter(Boolean).join(" ");
  }

  /** What the reader works with: what others changed of it is told when a step is refused because of that. */
  things() {
    const found = named([this.opened, this.row, ...Object.values(this.row ?? {})]);
    return [...new Map(found.reverse().map((thing) => [identity(thing), thing])).values()]; // what is open, before its row
  }

  /** These, and all that is listed: a draft may be of another row. */
  everything() {
    return [...this.things(), ...named((this.rows ?? []).flatMap((row) => [row, ...Object.values(row)]))];
  }

  /** Do one thing at a time: show what refused it, read again, then say what was done. True if it was done. */
  async act(doing, said = "") {
    if (this.busy) return false;
    Object.assign(this, { busy: true, problem: null, said: "" });
    let done = false;
    for (let last = null; this.catching && last !== this.reading; ) await (last = this.reading); // or it would show what came of this act before the next one can begin
    try {
      await doing();
      done = true;
    } catch (problem) {
      this.problem = problem;
    }
    const seen = [this.drafted, ...this.things()].filter(Boolean);
    await this.reload(); // busy until then: what is done next is done to what is there now
    if (this.problem?.code === "version_moved") this.problem.changes = changesOf(seen, this.everything());
    Object.assign(this, { busy: false, said: done ? said : "" });
    this.catchUp(); // what was heard meanwhile
    return done;
  }

  /** Do what an open form is for, and shut it; one that was opened meanwhile stays. True if it was done. */
  async finish(field, doing, said) {
    const form = this[field], done = await this.act(doing, said);
    if (done && this[field] === form) this[field] = null;
    return done;
  }

  /** Draw what has changed now, and put the focus there: what is typed next belongs there, however fast it comes. */
  focusOn(selector) {
    this.performUpdate();
    this.querySelector(selector)?.focus();
  }

  willUpdate(changed) {
    if (changed.has("said") && this.said) {
      clearTimeout(this.saying);
      this.saying = setTimeout(() => (this.said = ""), SAID);
    }
    this.focused = this.contains(document.activeElement) ? document.activeElement : null;
  }

  /** Keep the focus where it was: a row that is moved loses it, and one that is gone leaves it to the page. */
  updated() {
    this.long.measure();
    nameNumbers(this);
    this.toggleAttribute("data-works", this.busy || this.awaited > 0); // a key that waits for its answer shows at once
    if (this.focused && document.activeElement === document.body) (this.focused.isConnected ? this.focused : document.getElementById("main"))?.focus({ preventScroll: true });
    this.dispatchEvent(new Event("desk-keys", { bubbles: true }));
  }

  /** What stands where nothing is open. */
  drawNone(title, words) {
    return html`<section><div class="head"><h1>${title}</h1></div>${this.loading ? html`<p class="soft" role="status">${t("Reading…")}</p>` : html`<div class="box empty"><h2>${words}</h2></div>`}</section>`;
  }

  /** A button that reads on, where there is more than is shown. */
  drawMore(more) {
    return more
      ? html`<p class="acts more"><button type="button" class="btn" ?disabled=${this.busy} @click=${() => this.readOn()}>${t("Show {most} more", { most: this.most })}</button><span class="soft">${t("There are more.")}</span></p>`
      : nothing;
  }

  /** Read on, each time as much again as there is. A key that is held down asks for it once. */
  readOn() {
    this.onward ??= ((this.most *= 2), this.reload()).finally(() => (this.onward = null));
    return this.onward;
  }

  render() {
    return html`<p class="said" role="status" aria-live="polite">${this.said}</p>${trouble(this.problem)}${this.ready ? this.draw() : this.loading ? html`<p class="soft" role="status">${t("Reading…")}</p>` : nothing}`;
  }
}

/** What tells a row from the others, however often it is read. */
export const keyOf = (row) => row.key ?? row.number ?? row.href;

/** A page that is a list of rows: J and K move, Enter opens, each row has one action with its key. */
export class RowsPage extends Page {
  static properties = { here: { state: true } };

  constructor() {
    super();
    Object.assign(this, { here: 0, rows: [] });
  }

  get row() {
    return this.rows[Math.min(this.here, this.rows.length - 1)] ?? null;
  }

  outline() {
    return { ...super.outline(), keys: new Set(this.rows.map(keyOf)) };
  }

  /** Read, and stay at the same row, wherever it is now; at the same place if it is gone. */
  async read(quietly) {
    const key = this.row && keyOf(this.row), was = this.here;
    await super.read(quietly);
    if (this.opened || this.here !== was) return;
    const place = this.rows.findIndex((row) => keyOf(row) === key);
    this.here = place >= 0 ? place : Math.max(0, Math.min(this.here, this.rows.length - 1));
  }

  /** Go to another row; from the last one on to what is not read yet. */
  async move(by) {
    if (by > 0 && this.more && this.here >= this.rows.length - 1) await this.readOn();
    this.here = Math.min(Math.max(this.here + by, 0), Math.max(this.rows.length - 1, 0));
    this.focusOn(".here :is(a, button)");
    this.querySelector(".here")?.scrollIntoView({ block: "nearest" });
  }

  keys() {
    const rows = this.rows.length > 0;
    const action = this.row?.action;
    return [
      { key: "j", label: t("down"), run: () => this.move(1), hidden: !rows },
      { key: "k", label: t("up"), run: () => this.move(-1), hidden: !rows },
      { key: "Enter", label: tc("verb", "open"), run: () => this.row && go(this.row.href), hidden: !rows },
      ...(action ? [{ key: action.key, label: action.label.toLowerCase(), run: action.run ?? (() => go(this.row.href)) }] : []),
    ];
  }
}

/**
 * A page of rows beside the one that is open: J and K open the next, the address names it.
 *
 *   loadRows()        reads the list into `rows`
 *   loadOne(number)   reads what is open; null when there is nothing
 */
export class SplitPage extends RowsPage {
  /** Read both; of another row that is opened that row alone: what was heard of the list is read soon after. */
  async load() {
    const known = this.away && this.listed === location.search && this.rows.some(({ number }) => number === this.params[0]);
    if (known) this.stale ||= this.behind;
    else await this.loadRows();
    const wanted = this.choose();
    this.listed = location.search;
    await this.loadOne(wanted);
  }

  /** The number to show: the one of the address, else the first row's, which the address names from then on. */
  choose() {
    const name = this.localName.replace("desk-", "");
    if (!this.params[0] && this.rows[0] && this.isConnected && location.pathname.replace(/\/$/, "") === `/desk/${name}`) {
      this.params = [this.rows[0].number];
      const { href } = this.rows[0];
      history.replaceState(null, "", href.includes("?") ? href : href + location.search);
    }
    const wanted = this.params[0];
    this.here = Math.max(0, this.rows.findIndex(({ number }) => number === wanted));
    return wanted;
  }

  async next(by) {
    if (by > 0 && this.more && this.here >= this.rows.length - 1) await this.readOn();
    const there = this.rows.some(({ number }) => number === this.params[0]);
    const row = this.rows[Math.min(Math.max(this.here + (there ? by : 0), 0), this.rows.length - 1)];
    if (row && row.number !== this.params[0]) go(row.href);
  }

  /** Keep the row of what is open in sight of its list. */
  updated() {
    super.updated();
    const list = this.querySelector(".picks"), row = list?.querySelector("[aria-current=true]");
    if (!row || this.inSight === this.params[0]) return;
    this.inSight = this.params[0];
    const frame = list.getBoundingClientRect(), box = row.getBoundingClientRect();
    list.scrollTop += Math.min(0, box.top - frame.top) + Math.max(0, box.bottom - frame.bottom);
  }

  /** The keys that open the next and the one before. */
  stepping() {
    const hidden = this.rows.length === 0 || (this.rows.length === 1 && this.rows[0].number === this.params[0]);
    return [
      { key: "j", label: t("next"), run: () => this.next(1), hidden },
      { key: "k", label: t("the one before"), run: () => this.next(-1), hidden },
    ];
  }
}
