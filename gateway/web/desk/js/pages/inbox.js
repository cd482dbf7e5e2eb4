// Inbox: conversations by deadline; one of them with its thread, notes visibly different, an answer, and its end.

import { RowsPage, at, button, facts, go, html, nothing, promise, tag } from "../parts.js";
import { get, list, send, session } from "../session.js";
import { capital, person, words } from "../words.js";

const VIEWS = [
  ["Open", ["new", "open", "waiting_internal"]],
  ["Waiting for the customer", ["waiting_customer"]],
  ["Resolved", ["resolved"]],
  ["Spam", ["spam"]],
];
const CODES = { answered: "Answered", solved: "Solved", declined: "Declined, with the reason", duplicate: "The same as another" };

class Inbox extends RowsPage {
  static properties = { view: { state: true }, note: { state: true }, ending: { state: true } };

  constructor() {
    super();
    Object.assign(this, { ticket: null, view: 0, note: false, ending: false, drafts: {} });
  }

  async load() {
    const parts = await Promise.all(VIEWS[this.view][1].map((status) => list(`/v1/tickets?status=${status}`, 100)));
    const due = (ticket) => (ticket.next_due_at ? new Date(ticket.next_due_at).getTime() : Infinity);
    this.rows = parts.flatMap(({ items }) => items).sort((one, other) => due(one) - due(other)).map((ticket) => ({ ...ticket, href: `/desk/inbox/${ticket.number}` }));
    const wanted = this.params[0] ?? this.rows[0]?.number;
    if (this.ticket?.number !== wanted) Object.assign(this, { note: false, ending: false });
    this.here = Math.max(0, this.rows.findIndex(({ number }) => number === wanted));
    this.ticket = wanted ? await get(`/v1/tickets/${wanted}`) : null;
  }

  get path() {
    return `/v1/tickets/${this.ticket.number}`;
  }

  get over() {
    return ["resolved", "closed", "spam"].includes(this.ticket?.status);
  }

  get mine() {
    return this.ticket?.assignee === session.email || person(this.ticket?.assignee) === session.email;
  }

  keys() {
    const none = !this.ticket;
    return [
      { key: "a", label: "answer", run: () => this.write(false), hidden: none },
      { key: "n", label: "note for staff", run: () => this.write(true), hidden: none },
      { key: "t", label: "take", run: () => this.take(), hidden: none || this.mine },
      { key: "e", label: "end", run: () => this.startEnding(), hidden: none || this.over },
      { key: "j", label: "next", run: () => this.move(1), hidden: this.rows.length < 2 },
      { key: "k", label: "the one before", run: () => this.move(-1), hidden: this.rows.length < 2 },
      { key: "o", label: "its order", run: () => go(`/desk/orders/${this.ticket.order_number}`), hidden: !this.ticket?.order_number },
    ];
  }

  move(by) {
    const next = this.rows[Math.min(Math.max(this.here + by, 0), this.rows.length - 1)];
    if (next && next.number !== this.ticket?.number) go(next.href);
  }

  write(note) {
    this.note = note;
    this.focusOn("#answer");
  }

  take() {
    return this.act(() => send("POST", `${this.path}/assignment`, { assignee: session.email }, { version: this.ticket.version }), "It is yours.");
  }

  /** Send the answer or note; Ctrl-Enter sends and, with `then`, ends the conversation in the same stroke. */
  async sendDraft(event) {
    event?.preventDefault();
    const { number, version } = this.ticket;
    const body = (this.drafts[number] ?? "").trim();
    if (!body) return;
    const done = await this.act(() => send("POST", `${this.path}/messages`, { body, ...(this.note ? { internal: true } : {}) }, { version }), this.note ? "The note is kept." : "The answer is sent.");
    if (done) {
      delete this.drafts[number];
      this.note = false;
    }
  }

  startEnding() {
    this.ending = true;
    this.focusOn("input[name=code]");
  }

  async end(event) {
    event.preventDefault();
    const given = new FormData(event.target), note = given.get("note").trim();
    const wish = { code: given.get("code"), ...(note ? { note } : {}) };
    if (await this.act(() => send("POST", `${this.path}/resolution`, wish, { version: this.ticket.version }), "It is resolved.")) this.ending = false;
  }

  choose(view) {
    Object.assign(this, { view, params: [] });
    history.replaceState(null, "", "/desk/inbox");
    this.reload();
  }

  typed(event) {
    this.drafts[this.ticket.number] = event.target.value;
    if (event.type === "keydown" && event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.sendDraft(event);
    if (event.type === "keydown" && event.key === "Escape") event.target.blur();
  }

  draw() {
    return html`<div class="split inbox"><aside class="box" aria-label="Conversations">
        <h2><label for="view">Show</label><select id="view" @change=${(event) => this.choose(Number(event.target.value))}>${VIEWS.map(([title], place) => html`<option value=${place} ?selected=${place === this.view}>${title}</option>`)}</select></h2>
        ${this.rows.length === 0 ? html`<p class="in soft">Nothing here.</p>` : html`<ul class="picks">${this.rows.map((row) => html`<li><a href=${row.href} aria-current=${row.number === this.ticket?.number ? "true" : nothing}>
          <span class="t whole">${row.subject}</span><span class="d">${row.customer?.name ?? ""}<br>${row.assignee ? person(row.assignee) : "nobody"}</span>${promise({ due_at: row.next_due_at, started_at: row.opened_at })}</a></li>`)}</ul>`}</aside>
      ${this.ticket ? this.drawTicket(this.ticket) : html`<section><div class="head"><h1>Inbox</h1></div><div class="box empty"><h2>No conversation is open.</h2></div></section>`}</div>`;
  }

  drawTicket(ticket) {
    const running = ticket.commitments.filter(({ status }) => status === "running" || status === "paused");
    return html`<section class="stack" aria-label="Conversation ${ticket.number}">
      <div class="head"><h1>${ticket.subject} <small><span class="mono">${ticket.number}</span> · ${words(ticket.category)}${ticket.topic ? `, ${words(ticket.topic)}` : ""}</small></h1>${tag(words(ticket.status))}
        ${button({ key: "t", label: "Take", run: () => this.take(), hidden: this.mine })}</div>
      <div class="two"><div class="stack">
        <h2 class="vh">Messages</h2>
        <ol class="thread stack">${ticket.messages.map((message) => this.drawMessage(message))}</ol>
        ${this.drawComposer(ticket)}
        ${this.over ? nothing : this.ending ? this.drawEnd() : html`<div class="acts">${button({ key: "e", label: "End the conversation", run: () => this.startEnding() })}</div>`}
      </div><aside class="stack" aria-label="About this conversation">
        <section class="box"><h2>Promises</h2>${running.length ? html`<ul class="in clocks">${running.map((clock) => html`<li><span>${capital(words(clock.kind))}</span>${promise(clock)}</li>`)}</ul>` : html`<p class="in soft">None runs.</p>`}</section>
        <section class="box"><h2>Customer</h2><div class="in">${facts(["Name", ticket.customer?.name], ["Mail", ticket.customer?.email], ["Mailbox", ticket.mailbox_proven ? "proven" : "not proven"], ["Owner", ticket.assignee ? person(ticket.assignee) : "nobody"], ["Order", ticket.order_number && html`<a class="mono" href="/desk/orders/${ticket.order_number}">${ticket.order_number}</a>`], ["Order is theirs", ticket.order_link && (ticket.order_link === "verified" ? "verified" : "only claimed")], ["Product", ticket.sku && html`<a class="mono" href="/desk/stock/${encodeURIComponent(ticket.sku)}">${ticket.sku}</a>`], ["Rating", ticket.rating && `${ticket.rating.score} of 5`])}</div></section>
      </aside></div></section>`;
  }

  drawMessage(message) {
    const who = message.internal ? "Note for staff" : message.author === "customer" ? "Customer" : message.author === "system" ? "Automatic" : "We";
    return html`<li class="box message ${message.internal ? "is-note" : message.author}"><h3>${who} <span class="d">${message.actor ? person(message.actor) : ""} ${at(message.posted_at)}</span></h3><p>${message.body}</p></li>`;
  }

  drawComposer(ticket) {
    return html`<form class="box in composer ${this.note ? "is-note" : ""}" @submit=${this.sendDraft}>
      <label for="answer">${this.note ? "Note for staff: the customer does not see it" : "Answer to the customer"}</label>
      <textarea id="answer" rows="5" maxlength="10000" .value=${this.drafts[ticket.number] ?? ""} @input=${this.typed} @keydown=${this.typed}></textarea>
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${this.note ? "Keep the note" : "Send"}<kbd aria-hidden="true">Ctrl ↵</kbd></button>
        <button type="button" class="btn" @click=${() => this.write(!this.note)}>${this.note ? "Answer instead" : "Note instead"}</button></div></form>`;
  }

  drawEnd() {
    return html`<form class="box in stack" @submit=${this.end}><h2>End the conversation</h2>
      <fieldset><legend>How it ended</legend>${Object.entries(CODES).map(([code, label], place) => html`<label class="choice"><input type="radio" name="code" value=${code} ?checked=${place === 0}> ${label}</label>`)}</fieldset>
      <label for="note">Words for the customer (needed when you decline)</label><textarea id="note" name="note" rows="2" maxlength="2000"></textarea>
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>Resolve</button><button type="button" class="btn" @click=${() => (this.ending = false)}>Back</button></div></form>`;
  }
}

customElements.define("desk-inbox", Inbox);
