// What every page is made of: the promise badge, signs, times, notices. `page.js` has the base of all pages.

import { t } from "/web/design/texts.js";
import { LitElement, html, nothing, svg } from "/web/design/vendor/lit-3.3.3.js";
import { moment, standing, used } from "./words.js";

export * from "/web/design/vendor/lit-3.3.3.js";
export * from "/web/design/texts.js";

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
  const due = clock.zone ? t("due {at} ({zone})", { at: moment(clock.due_at, clock.zone), zone: clock.zone }) : t("due {at}", { at: moment(clock.due_at) });
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

/** Let the browser save a file (a Blob) under a name. */
export function save(file, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

/** What a refusal says, in the page: its own words, each field that is wrong, and what others changed meanwhile. */
export function trouble(problem) {
  if (!problem) return nothing;
  const errors = problem.errors ?? [];
  return html`<div class="note late" role="alert"><p>${sign("late")} ${problem.detail ?? problem.message}</p>
    ${errors.length ? html`<ul>${errors.map((error) => html`<li>${error.field}: ${error.message}</li>`)}</ul>` : nothing}
    ${problem.changes?.length ? html`<ul aria-label=${t("What has changed")}>${problem.changes.map((change) => html`<li>${change}</li>`)}</ul>` : nothing}</div>`;
}

/** Definition list of [name, value] pairs; pairs without a value are left out. */
export const facts = (...pairs) =>
  html`<dl class="kv">${pairs.filter(([, value]) => value !== null && value !== undefined && value !== "" && value !== nothing).map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`;
