// What every page is made of: the promise badge, signs, times, notices; and Page, the base of all pages.

import { LitElement, html, nothing, svg } from "/web/design/vendor/lit-3.3.3.js";
import { moment, standing, used } from "./words.js";

export * from "/web/design/vendor/lit-3.3.3.js";

const SIGNS = {
  quiet: svg`<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M8 4.6V8l2.3 1.6" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/>`,
  risk: svg`<path d="M8 1.6 15 14H1z"/><path d="M8 6v3.6M8 11.6v.4" stroke="var(--surface)" stroke-width="1.6" stroke-linecap="round"/>`,
  late: svg`<circle cx="8" cy="8" r="7"/><path d="M8 4.2v4.6M8 11.4v.4" stroke="var(--surface)" stroke-width="1.8" stroke-linecap="round"/>`,
  kept: svg`<path d="m2.4 8.6 3.6 3.6 7.6-8" fill="none" stroke="currentColor" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round"/>`,
  rest: svg`<path d="M4 2.6h2.8v10.8H4zM9.2 2.6H12v10.8H9.2z"/>`,
};

/** The sign that goes with a state: quiet, risk, late, kept, rest. */
export const sign = (state) => html`<svg class="sg" viewBox="0 0 16 16" aria-hidden="true">${SIGNS[state]}</svg>`;

const CELLS = 10;

function cells(share) {
  const parts = Array.from({ length: CELLS }, (_, at) => {
    const fill = Math.min(1, Math.max(0, share * CELLS - at));
    return svg`<rect class="off" x=${at * 6} width="5" height="6" rx="1.5"/>${fill > 0 ? svg`<rect class="on" x=${at * 6} width=${5 * fill} height="6" rx="1.5"/>` : nothing}`;
  });
  const over = share > 1 ? svg`<rect class="over" x=${CELLS * 6} width="8" height="6" rx="1.5"/>` : nothing;
  return html`<svg class="cells" viewBox="0 0 70 6" width="70" height="6" aria-hidden="true">${parts}${over}</svg>`;
}

/** A promise: sign, word, and how much of its time is used. `clock`: {due_at, started_at?, status?, stopped_at?, zone?}. */
export function promise(clock) {
  if (!clock?.due_at) return nothing;
  const { state, word } = standing(clock);
  const share = used(clock);
  const due = `due ${moment(clock.due_at, clock.zone)}${clock.zone ? ` (${clock.zone})` : ""}`;
  return html`<span class="pr is-${state}" title=${due}>${sign(state)}<span class="w">${word}</span>${share === null || state === "kept" ? nothing : cells(share)}</span>`;
}

/** A moment that a program can read; in the reader's zone. */
export const at = (text, zone) => (text ? html`<time datetime=${text} title=${text}>${moment(text, zone)}</time>` : nothing);

/** A tag: a word with a state's colour. */
export const tag = (text, state = "") => html`<span class="tag ${state}">${text}</span>`;

/** A button that shows its key. */
export const button = ({ key, label, run, go = false, stop = false, hidden = false, disabled = false }) =>
  hidden
    ? nothing
    : html`<button type="button" class="btn ${go ? "go" : ""} ${stop ? "stop" : ""}" ?disabled=${disabled} @click=${run} aria-keyshortcuts=${key ?? nothing}>${label}${key ? html`<kbd aria-hidden="true">${key.toUpperCase()}</kbd>` : nothing}</button>`;

/** What a refusal says, in the page: its own words, each field that is wrong, and what changed meanwhile. */
export function trouble(problem) {
  if (!problem) return nothing;
  const errors = problem.errors ?? [];
  return html`<div class="note late" role="alert"><p>${sign("late")} ${problem.detail ?? problem.message}</p>
    ${errors.length ? html`<ul>${errors.map((error) => html`<li>${error.field}: ${error.message}</li>`)}</ul>` : nothing}</div>`;
}

/** Definition list of [name, value] pairs; pairs without a value are left out. */
export const facts = (...pairs) =>
  html`<dl class="kv">${pairs.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== nothing).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;

/**
 * A page of the desk. It draws into the document itself, so that one sheet and one set of landmarks hold for all.
 *
 *   load()    reads what the page shows; again with R, and whenever something was done
 *   keys()    [{key, label, run, hidden?}]: bound while nobody types, listed in the strip below
 *   draw()    the content
 */
export class Page extends LitElement {
  static properties = { problem: { state: true }, loading: { state: true }, busy: { state: true }, said: { state: true } };

  constructor() {
    super();
    Object.assign(this, { problem: null, loading: true, ready: false, busy: false, said: "", params: [] });
  }

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.reload();
  }

  keys() {
    return [];
  }

  async load() {}

  /** Read again; `reading` is the promise of the last time. */
  reload() {
    this.reading = this.read();
    return this.reading;
  }

  async read() {
    try {
      await this.load();
      this.ready = true;
      if (this.problem?.reading) this.problem = null;
    } catch (problem) {
      this.problem = Object.assign(problem, { reading: true });
    } finally {
      this.loading = false;
      this.requestUpdate();
    }
  }

  /** Do one thing at a time: show what refused it, read again, then say what was done. True if it was done. */
  async act(doing, said = "") {
    if (this.busy) return false;
    Object.assign(this, { busy: true, problem: null, said: "" });
    let done = false;
    try {
      await doing();
      done = true;
    } catch (problem) {
      this.problem = problem;
    }
    await this.reload(); // busy until then: what is done next is done to what is there now
    Object.assign(this, { busy: false, said: done ? said : "" });
    return done;
  }

  /** Draw what has changed now, and put the focus there: what is typed next belongs there, however fast it comes. */
  focusOn(selector) {
    this.performUpdate();
    this.querySelector(selector)?.focus();
  }

  updated() {
    this.dispatchEvent(new Event("desk-keys", { bubbles: true }));
  }

  render() {
    return html`<p class="vh" role="status" aria-live="polite">${this.said}</p>${trouble(this.problem)}${this.ready ? this.draw() : this.loading ? html`<p class="soft" role="status">Reading…</p>` : nothing}`;
  }
}

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

  move(by) {
    this.here = Math.min(Math.max(this.here + by, 0), Math.max(this.rows.length - 1, 0));
    this.focusOn(".here :is(a, button)");
    this.querySelector(".here")?.scrollIntoView({ block: "nearest" });
  }

  keys() {
    const rows = this.rows.length > 0;
    const action = this.row?.action;
    return [
      { key: "j", label: "down", run: () => this.move(1), hidden: !rows },
      { key: "k", label: "up", run: () => this.move(-1), hidden: !rows },
      { key: "Enter", label: "open", run: () => this.row && go(this.row.href), hidden: !rows },
      ...(action ? [{ key: action.key, label: action.label.toLowerCase(), run: action.run ?? (() => go(this.row.href)) }] : []),
    ];
  }
}

/** Go to another page of the desk without loading the shell anew. */
export function go(path) {
  history.pushState(null, "", path);
  dispatchEvent(new Event("desk-go"));
}
