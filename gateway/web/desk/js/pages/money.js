// Money: what does not match and waits for a decision, and the refunds that are not settled, by their deadline.

import { RowsPage, keyOf } from "../page.js";
import { at, button, facts, html, nothing, promise, tag } from "../parts.js";
import { list, send } from "../session.js";
import { capital, count, money, person, words } from "../words.js";

const UNSETTLED = ["failed", "due", "submitted", "pending", "manual"];
const DECISIONS = {
  returned: "It went back to the customer at the bank",
  send_back: "Send it back to the customer",
  accept: "Keep it for the order",
  won: "The dispute was won",
  lost: "The dispute was lost",
  noted: "Noted; nothing has to move",
  covers_owed: "It covers what the customer was owed",
  covered: "It was covered otherwise",
};

class Money extends RowsPage {
  static properties = { open: { state: true }, form: { state: true } };
  static follows = ["orders"];

  constructor() {
    super();
    Object.assign(this, { open: null, form: null, cases: [], refunds: [], more: false });
  }

  async load() {
    const [cases, ...parts] = await Promise.all([list("/v1/payments/attention", this.most), ...UNSETTLED.map((status) => list(`/v1/refunds?status=${status}`, this.most))]);
    this.more = cases.more || parts.some(({ more }) => more);
    const refunds = parts.flatMap(({ items }) => items).sort((one, other) => one.due_at.localeCompare(other.due_at));
    this.cases = cases.items.map((each) => ({ each, key: `case ${each.payment_id} ${each.kind}`, href: this.href(each), action: { key: "s", label: "Settle", run: () => this.show("settle") } }));
    this.refunds = refunds.map((each) => ({ each, key: `refund ${each.id}`, href: this.href(each), action: this.actionOf(each) }));
    this.rows = [...this.cases, ...this.refunds];
    if (!this.rows.some(({ key }) => key === this.open)) Object.assign(this, { open: null, form: null });
  }

  href(each) {
    return each.order_number ? `/desk/orders/${each.order_number}` : "/desk/money";
  }

  actionOf(refund) {
    if (refund.status === "failed") return { key: "y", label: "Try again", run: () => this.retry(refund) };
    if (refund.status === "manual") return { key: "s", label: "Confirm", run: () => this.show("paid") };
    return null;
  }

  keys() {
    const refund = this.row?.each.id ? this.row.each : null;
    return [...super.keys(), { key: "h", label: "paid by hand", run: () => this.show("paid"), hidden: refund?.status !== "failed" }];
  }

  show(form) {
    Object.assign(this, { open: this.row.key, form });
    this.focusOn("form select, form textarea");
  }

  /** What the open form is about, wherever its row is now. */
  get chosen() {
    return this.rows.find(({ key }) => key === this.open).each;
  }

  async settle(event) {
    event.preventDefault();
    const { payment_id: id, version } = this.chosen;
    const { decision, note } = Object.fromEntries(new FormData(event.target));
    if (await this.act(() => send("POST", `/v1/payments/${id}/settle`, { decision, note }, { version }), "It is settled.")) this.form = null;
  }

  retry(refund) {
    return this.act(() => send("POST", `/v1/refunds/${refund.id}/retry`, {}, { version: refund.version }), "The bank is asked again.");
  }

  async paid(event) {
    event.preventDefault();
    const { id, version } = this.chosen;
    const { proof, decision } = Object.fromEntries(new FormData(event.target));
    const body = { proof, ...(decision ? { decision } : {}) };
    if (await this.act(() => send("POST", `/v1/refunds/${id}/paid`, body, { version }), "It is recorded.")) this.form = null;
  }

  draw() {
    return html`<div class="head"><h1>Money <small>${this.rows.length ? "every cent is kept, on its way back, or here" : ""}</small></h1><div class="acts"><a class="btn" href="/desk/ledger">Ledger<kbd aria-hidden="true">G N</kbd></a></div></div>
      ${this.rows.length === 0 ? html`<div class="box empty"><h2>No money waits for you.</h2></div>` : nothing}
      <div class="stack">
      ${this.cases.length ? html`<section class="box scroll" tabindex="0"><h2>To settle <span class="soft">${count(this.cases.length, "case")}</span></h2><table class="rows"><caption class="vh">Money that does not match</caption>
        <thead><tr><th scope="col">Promise</th><th scope="col">What</th><th scope="col">Order</th><th scope="col" class="r">Amount</th><th scope="col"><span class="vh">Action</span></th></tr></thead>
        ${this.long.draw("cases", this.cases, keyOf, ({ each }, place) => this.drawCase(each, place), "tbody")}</table></section>` : nothing}
      ${this.refunds.length ? html`<section class="box scroll" tabindex="0"><h2>Refunds not settled <span class="soft">${count(this.refunds.length, "refund")}</span></h2><table class="rows"><caption class="vh">Refunds that are not settled</caption>
        <thead><tr><th scope="col">Promise</th><th scope="col">State</th><th scope="col">Order</th><th scope="col" class="r">Amount</th><th scope="col"><span class="vh">Action</span></th></tr></thead>
        ${this.long.draw("refunds", this.refunds, keyOf, ({ each }, place) => this.drawRefund(each, this.cases.length + place), "tbody")}</table></section>` : nothing}</div>${this.drawMore(this.more)}`;
  }

  drawCase(each, place) {
    const open = this.form === "settle" && this.rows[place].key === this.open;
    return html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td>${promise({ due_at: each.due_at, started_at: each.opened_at })}</td>
      <td><span class="t">${capital(words(each.kind))}</span><span class="d">${each.reason}${each.holds_payouts ? ", holds payouts" : ""}${each.holds_dispatch ? ", holds the dispatch" : ""}</span></td>
      <td>${each.order_number ? html`<a class="mono" href="/desk/orders/${each.order_number}">${each.order_number}</a>` : "none"}<span class="d mono">${each.payment_id}</span></td><td class="r">${money(each.amount)}</td>
      <td class="r">${button({ key: "s", label: "Settle", run: () => { this.here = place; this.show("settle"); } })}</td></tr>
      ${open ? html`<tr><td colspan="5"><form class="stack" @submit=${this.settle}><div class="field"><label for="decision">What is decided</label><select id="decision" name="decision">${each.decisions.map((decision) => html`<option value=${decision}>${DECISIONS[decision] ?? words(decision)}</option>`)}</select></div>
        <label for="money-note">Why, for the record</label><textarea id="money-note" name="note" rows="2" required maxlength="1000"></textarea>
        <div class="acts"><button class="btn go" ?disabled=${this.busy}>Settle</button><button type="button" class="btn" @click=${() => (this.form = null)}>Back</button></div></form></td></tr>` : nothing}</tbody>`;
  }

  drawRefund(each, place) {
    const open = this.form === "paid" && this.rows[place].key === this.open;
    const action = this.actionOf(each);
    return html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td>${promise({ due_at: each.due_at, started_at: each.created_at })}</td>
      <td>${tag(words(each.status), each.status === "failed" ? "late" : "")}${each.held ? tag("held", "risk") : nothing}<span class="d">${words(each.cause)}${each.reason ? `: ${words(each.reason)}` : ""}${each.paid_by_hand ? `: paid by ${person(each.paid_by_hand.by)}, waits for a second person` : ""}</span></td>
      <td><a class="mono" href="/desk/orders/${each.order_number}">${each.order_number}</a><span class="d">try ${each.attempt}</span></td><td class="r">${money(each.amount)}</td>
      <td class="r">${action ? button({ ...action, run: () => { this.here = place; action.run(); } }) : nothing} ${button({ key: "h", label: "Paid by hand", run: () => { this.here = place; this.show("paid"); }, hidden: each.status !== "failed" })}</td></tr>
      ${open ? html`<tr><td colspan="5"><form class="stack" @submit=${this.paid}>${each.paid_by_hand ? html`${facts(["Recorded by", person(each.paid_by_hand.by)], ["When", at(each.paid_by_hand.at)], ["Proof", each.paid_by_hand.proof])}<div class="field"><label for="was">Was it paid?</label><select id="was" name="decision"><option value="paid">Yes, it is on the statement</option><option value="not_paid">No</option></select></div>` : nothing}
        <label for="proof">Proof: what shows that the money went to the original account</label><textarea id="proof" name="proof" rows="2" required maxlength="1000"></textarea>
        <div class="acts"><button class="btn go" ?disabled=${this.busy}>Record</button><button type="button" class="btn" @click=${() => (this.form = null)}>Back</button></div></form></td></tr>` : nothing}</tbody>`;
  }
}

customElements.define("desk-money", Money);
