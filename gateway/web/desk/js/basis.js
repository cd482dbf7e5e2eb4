// What an answer rests on, chosen beside the words: the facts of the ticket's product, and articles that fit its question.
//
//   <desk-basis .ticket=${ticket}></desk-basis>      element.cited: [{kind, sku or slug, version}], as the API takes it
//   <desk-basis name="draft" …  .begun=${basis}>     beside the draft of a complete answer, with what it rests on already
//
// What is chosen is kept for each conversation until it is sent. Tab and Space choose; B, outside of fields, comes here.

import { LitElement, html, nothing, parts, t } from "./parts.js";
import { get } from "./session.js";

const MOST = 5, FOUND = 5;
const PAUSE = 300; // milliseconds without a key, after which is looked for
const chosen = new Map(); // by the ticket's number and what is written: by key what is cited

const keyOf = ({ sku, slug }) => sku ?? slug;

const placeOf = (number, name) => `${number} ${name}`;

/** Forget what was chosen: it is sent. */
export const letGo = (number, name = "answer") => chosen.delete(placeOf(number, name));

function sourceOf({ slug, sku, title, version, changed }) {
  const source = html`<a href="/help/${slug ?? `products/${encodeURIComponent(sku)}`}?version=${version}" target="_blank" rel="noopener">${title ?? sku}</a>`;
  return changed ? parts("{source} (version {version}, changed since)", { source, version }) : parts("{source} (version {version})", { source, version });
}

/** What a message rests on, for who reads it at the desk. */
export const drawBasis = (basis) =>
  basis?.length
    ? html`<p class="d">${parts("Based on {sources}", { sources: basis.map((each, place) => [place ? ", " : "", sourceOf(each)]) })}</p>`
    : nothing;

class Basis extends LitElement {
  static properties = { name: {}, ticket: { attribute: false }, begun: { attribute: false }, product: { state: true }, found: { state: true }, problem: { state: true } };

  constructor() {
    super();
    Object.assign(this, { name: "answer", ticket: null, begun: null, product: null, found: [], problem: "", number: null });
  }

  createRenderRoot() {
    return this;
  }

  get picked() {
    const place = placeOf(this.ticket.number, this.name);
    if (!chosen.has(place)) chosen.set(place, new Map((this.begun ?? []).map((each) => [keyOf(each), each])));
    return chosen.get(place);
  }

  get cited() {
    return [...this.picked.values()].map(({ kind, sku, slug, version }) => ({ kind, ...(sku ? { sku } : { slug }), version }));
  }

  willUpdate() {
    if (this.number === this.ticket.number) return;
    Object.assign(this, { number: this.ticket.number, product: null, found: [], problem: "" });
    this.read();
  }

  /** Read what fits: the facts of the product that the ticket names, and articles by its subject. */
  async read() {
    const { number, sku, subject } = this.ticket;
    const product = sku ? await get(`/v1/products/${encodeURIComponent(sku)}`).catch(() => null) : null;
    if (number !== this.number) return;
    this.product = product;
    await this.look(subject.slice(0, 100));
  }

  async look(q) {
    const { number } = this, asked = (this.asked = q);
    try {
      const { items } = q.trim() ? await get(`/v1/knowledge?limit=${FOUND}&q=${encodeURIComponent(q)}`) : { items: [] };
      if (number === this.number && asked === this.asked) Object.assign(this, { found: items, problem: "" });
    } catch (problem) {
      this.problem = problem.message;
    }
  }

  typed(event) {
    clearTimeout(this.pausing);
    const q = event.target.value;
    this.pausing = setTimeout(() => this.look(q), PAUSE);
  }

  toggle(event, each) {
    if (event.target.checked && this.picked.size >= MOST) event.target.checked = false;
    else if (event.target.checked) this.picked.set(keyOf(each), each);
    else this.picked.delete(keyOf(each));
    this.requestUpdate();
  }

  /** What can be chosen: what is chosen already, the product, what was found. */
  get offered() {
    const fits = [...(this.product ? [{ kind: "product", sku: this.product.sku, version: this.product.version, title: this.product.title, facts: this.product }] : []),
      ...this.found.map(({ slug, version, title, summary }) => ({ kind: "article", slug, version, title, summary }))];
    const known = new Set(fits.map(keyOf));
    return [...[...this.picked.values()].filter((each) => !known.has(keyOf(each))), ...fits];
  }

  render() {
    const count = this.picked.size;
    return html`<details class="basis" ?open=${count > 0}><summary>${count ? t("Based on {count} of at most {most}", { count, most: MOST }) : t("Based on nothing yet")}<kbd aria-hidden="true">B</kbd></summary>
      <fieldset><legend class="vh">${t("What the answer rests on")}</legend>
        ${this.offered.map((each) => html`<label class="choice"><input type="checkbox" .checked=${this.picked.has(keyOf(each))} @change=${(event) => this.toggle(event, each)}> <span>${each.title ?? keyOf(each)} <span class="d">${each.kind === "product" ? t("product {sku}, version {version}", { sku: each.sku, version: each.version }) : t("article, version {version}", { version: each.version })}${each.summary ? html`<br>${each.summary}` : nothing}${each.facts ? html`<br>${this.drawFacts(each.facts)}` : nothing}</span></span></label>`)}
        ${this.offered.length ? nothing : html`<p class="soft xs">${t("Nothing fits its subject. Look for an article by other words.")}</p>`}
        <div class="field"><label for="basis-${this.name}">${t("Look for an article")}</label><input id="basis-${this.name}" type="search" maxlength="100" autocomplete="off" placeholder=${this.ticket.subject.slice(0, 100)} @input=${this.typed} @keydown=${(event) => event.key === "Enter" && !event.ctrlKey && event.preventDefault()}></div>
        ${this.problem ? html`<p class="soft xs" role="status">${t("We cannot look just now: {problem}", { problem: this.problem })}</p>` : nothing}
        ${count >= MOST ? html`<p class="soft xs" role="status">${t("An answer rests on {most} things at most.", { most: MOST })}</p>` : nothing}</fieldset></details>`;
  }

  drawFacts({ parameters, materials, usage }) {
    const told = [...Object.entries(parameters).map(([name, value]) => `${name}: ${value}`), materials && t("materials: {materials}", { materials }), usage && t("usage: {usage}", { usage })];
    return told.filter(Boolean).join("; ").slice(0, 240) || t("The catalogue says no more of it.");
  }
}

customElements.define("desk-basis", Basis);

/** Open the choice and go to its first box. */
export function chooseBasis(page) {
  const box = page.querySelector("desk-basis details");
  if (!box) return;
  box.open = true;
  page.focusOn("desk-basis input");
}
