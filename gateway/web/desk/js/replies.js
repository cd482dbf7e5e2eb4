// Canned replies beside the answer that is written: "/" in the empty field opens them, Enter puts one in, filled for the
// ticket by the services that know. What is missing is named, and the answer is not sent until nothing is.
//
//   <desk-reply-picker .ticket=${ticket} .field=${() => textarea}></desk-reply-picker>
//   element.chosen: the reply that was put in, or null; its id goes along with the answer, and so does what it sets

import { LitElement, html, nothing, parts, t } from "./parts.js";
import { list, send } from "./session.js";
import { words } from "./words.js";

const MOST = 300;
const put = new Map(); // by the ticket's number: what was put in, {reply, missing}

/** Forget what was put in: it is sent. */
export const letReplyGo = (number) => put.delete(number);

/** What a reply sets besides its words, for who is about to send it. */
export const setsOf = ({ then, category, priority, resolve }) =>
  [then && (then === "waiting_customer" ? t("then it is the customer's turn") : t("then it is {then}", { then: words(then) })), category && t("category {category}", { category: words(category) }), priority && t("priority {priority}", { priority: words(priority) }), resolve && t("ends it as {resolve}", { resolve: words(resolve) })].filter(Boolean).join(", ");

class ReplyPicker extends LitElement {
  static properties = { ticket: { attribute: false }, field: { attribute: false }, open: { state: true }, here: { state: true }, found: { state: true }, problem: { state: true } };

  constructor() {
    super();
    Object.assign(this, { ticket: null, field: null, open: false, here: 0, found: [], all: [], problem: "" });
  }

  createRenderRoot() {
    return this;
  }

  get chosen() {
    return put.get(this.ticket.number)?.reply ?? null;
  }

  async show() {
    Object.assign(this, { open: true, here: 0, problem: "" });
    try {
      this.found = this.all = (await list("/v1/replies", MOST)).items;
    } catch (problem) {
      this.problem = problem.message;
    }
    await this.updateComplete;
    this.querySelector("input")?.focus();
  }

  shut() {
    this.open = false;
    this.field()?.focus();
  }

  typed(event) {
    const q = event.target.value.trim().toLowerCase();
    this.found = this.all.filter(({ name, text }) => `${name}\n${text}`.toLowerCase().includes(q));
    this.here = 0;
  }

  pressed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.here = Math.min(Math.max(this.here + step, 0), Math.max(this.found.length - 1, 0));
    else if (event.key === "Escape") this.shut();
    else if (event.key === "Enter" && event.target.matches("input") && !event.ctrlKey && !event.metaKey) this.found[this.here] && this.choose(this.found[this.here]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Put a reply into the field, filled for the ticket. */
  async choose(reply) {
    const { number } = this.ticket, field = this.field();
    try {
      const { text, missing } = await send("POST", "/v1/replies/preview", { ticket_number: number, reply_id: reply.id });
      if (number !== this.ticket.number) return;
      put.set(number, { reply, missing });
      field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
      field.dispatchEvent(new Event("input", { bubbles: true }));
      this.shut();
    } catch (problem) {
      this.problem = problem.message;
    }
  }

  drop() {
    letReplyGo(this.ticket.number);
    this.requestUpdate();
    this.field()?.focus();
  }

  render() {
    const kept = put.get(this.ticket.number);
    return html`${this.open ? this.drawPicker() : html`<button type="button" class="btn" @click=${this.show}>${t("Canned replies")}<kbd aria-hidden="true">/</kbd></button>`}
      ${kept ? html`<p class="soft xs" role="status">${setsOf(kept.reply) ? t("Made of “{name}”: {sets}.", { name: kept.reply.name, sets: setsOf(kept.reply) }) : t("Made of “{name}”.", { name: kept.reply.name })} <button type="button" class="btn plain" @click=${this.drop}>${t("Only its words")}</button></p>` : nothing}
      ${kept?.missing.length ? html`<div class="note risk" role="status"><p>${t("Without a value, it cannot be sent. Write this in your own words:")}</p><ul>${kept.missing.map(({ name, why }) => html`<li><b class="mono">{${name}}</b>: ${why}</li>`)}</ul></div>` : nothing}`;
  }

  drawPicker() {
    return html`<div class="box in stack" @keydown=${this.pressed}><label for="replies-words">${t("Canned replies: arrows choose, Enter puts one in")}</label>
      <input id="replies-words" type="search" autocomplete="off" role="combobox" aria-autocomplete="list" aria-expanded="true" aria-controls="replies-found" aria-activedescendant=${this.found.length ? `reply-${this.here}` : nothing} @input=${this.typed}>
      ${this.found.length ? html`<ul id="replies-found" role="listbox" aria-label=${t("Canned replies")} class="replies">${this.found.map((each, place) => html`<li role="option" id="reply-${place}" aria-selected=${place === this.here ? "true" : "false"} @click=${() => this.choose(each)}><span class="t">${each.name}</span><span class="d">${each.text.slice(0, 140)}${setsOf(each) ? html`<br>${t("Sets: {sets}", { sets: setsOf(each) })}` : nothing}</span></li>`)}</ul>` : html`<p class="soft xs" role="status" id="replies-found">${parts("No reply has these words. {write}.", { write: html`<a href="/desk/replies">${t("Write one")}</a>` })}</p>`}
      ${this.problem ? html`<p class="soft xs" role="alert">${this.problem}</p>` : nothing}
      <div class="acts"><button type="button" class="btn" @click=${this.shut}>${t("Back to the answer")}</button></div></div>`;
  }
}

customElements.define("desk-reply-picker", ReplyPicker);

/** Open the replies where "/" is typed into an empty field. */
export function opensReplies(event, page) {
  if (event.key !== "/" || event.target.value || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  page.querySelector("desk-reply-picker")?.show();
}
