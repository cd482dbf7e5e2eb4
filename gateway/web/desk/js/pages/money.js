// Money: what banks dispute, what does not match and waits for a decision, and the refunds that are not settled, each by
// its deadline; and whether the books of the payment providers agree with ours.

import { RowsPage, keyOf } from "../page.js";
import { at, button, facts, html, nothing, parts, promise, save, t, tag, tn } from "../parts.js";
import { get, list, send } from "../session.js";
import { capital, money, person, words } from "../words.js";

const UNSETTLED = ["failed", "due", "submitted", "pending", "manual"];
const DECISIONS = {
  returned: t("It went back to the customer at the bank"),
  send_back: t("Send it back to the customer"),
  accept: t("Keep it for the order"),
  won: t("The dispute was won"),
  lost: t("The dispute was lost"),
  noted: t("Noted; nothing has to move"),
  covers_owed: t("It covers what the customer was owed"),
  covered: t("It was covered otherwise"),
};

class Money extends RowsPage {
  static properties = { open: { state: true }, form: { state: true } };
  static follows = ["orders"];

  constructor() {
    super();
    Object.assign(this, { open: null, form: null, disputes: [], cases: [], refunds: [], books: [], more: false });
  }

  async load() {
    const [books, disputes, cases, ...parts] = await Promise.all([get("/v1/payments/books"), list("/v1/disputes", this.most), list("/v1/payments/attention", this.most), ...UNSETTLED.map((status) => list(`/v1/refunds?status=${status}`, this.most))]);
    this.books = books.items;
    this.more = disputes.more || cases.more || parts.some(({ more }) => more);
    const refunds = parts.flatMap(({ items }) => items).sort((one, other) => one.due_at.localeCompare(other.due_at));
    this.cases = cases.items.map((each) => ({ each, key: `case ${each.payment_id} ${each.kind}`, href: this.href(each), action: { key: "s", label: t("Settle"), run: () => this.show("settle") } }));
    this.refunds = refunds.map((each) => ({ each, key: `refund ${each.id}`, href: this.href(each), action: this.actionOf(each) }));
    this.disputes = disputes.items.map((each) => ({ each, key: `dispute ${each.id}`, href: this.href(each), action: { key: "e", label: t("Evidence"), run: () => this.evidence(this.row.each) } }));
    this.rows = [...this.disputes, ...this.cases, ...this.refunds];
    if (!this.rows.some(({ key }) => key === this.open)) Object.assign(this, { open: null, form: null });
  }

  href(each) {
    return each.order_number ? `/desk/orders/${each.order_number}` : "/desk/money";
  }

  actionOf(refund) {
    if (refund.status === "failed") return { key: "y", label: t("Try again"), run: () => this.retry(refund) };
    if (refund.status === "manual") return { key: "s", label: t("Confirm"), run: () => this.show("paid") };
    return null;
  }

  keys() {
    const kind = this.row?.key.split(" ")[0], refund = kind === "refund" ? this.row.each : null;
    const waits = kind === "dispute" && this.row.each.status === "open";
    return [...super.keys(), { key: "p", label: t("evidence as PDF"), run: () => this.evidence(this.row.each, ".pdf"), hidden: kind !== "dispute" }, { key: "a", label: t("evidence was sent"), run: () => this.show("answer"), hidden: !waits }, { key: "b", label: t("compare the books"), run: () => this.compare(), hidden: !this.books.length }, { key: "h", label: t("paid by hand"), run: () => this.show("paid"), hidden: refund?.status !== "failed" }];
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
    await this.finish("form", () => send("POST", `/v1/payments/${id}/settle`, { decision, note }, { version }), t("It is settled."));
  }

  retry(refund) {
    return this.act(() => send("POST", `/v1/refunds/${refund.id}/retry`, {}, { version: refund.version }), t("The bank is asked again."));
  }

  async paid(event) {
    event.preventDefault();
    const { id, version } = this.chosen;
    const { proof, decision } = Object.fromEntries(new FormData(event.target));
    const body = { proof, ...(decision ? { decision } : {}) };
    await this.finish("form", () => send("POST", `/v1/refunds/${id}/paid`, body, { version }), t("It is recorded."));
  }

  /** The file for the bank, as a page or as PDF; whom it shows is recorded. */
  evidence({ id, payment_id: payment }, end = "") {
    return this.act(async () => save(await get(`/v1/disputes/${id}/evidence${end}`), `evidence-${payment}${end || ".html"}`), t("The file is saved."));
  }

  async answer(event) {
    event.preventDefault();
    const { id, version } = this.chosen;
    const { note } = Object.fromEntries(new FormData(event.target));
    await this.finish("form", () => send("POST", `/v1/disputes/${id}/answer`, { note }, { version }), t("It is recorded; the bank decides now."));
  }

  compare() {
    return this.act(() => send("POST", "/v1/payments/books/compare"), t("The books are being compared."));
  }

  drawBooks() {
    const state = ({ problem, differences }) => (problem ? tag(t("not read"), "risk") : differences ? tag(tn("{n} difference", "{n} differences", differences), "late") : tag(t("agree"), "kept"));
    return html`<section class="box" aria-label=${t("Books")}><h2>${t("Books of the payment providers")}</h2><div class="in">${this.books.map((each) => html`<p><b>${capital(each.provider)}</b> ${each.compared_at || each.problem ? state(each) : tag(t("not compared yet"))}
      <span class="d">${each.problem ? t("They could not be read: {problem}. It is tried again by itself.", { problem: each.problem }) : each.compared_at ? html`${parts("Compared {compared_at}, once a day", { compared_at: at(each.compared_at) })}` : t("They are compared within a day.")}</span></p>`)}</div>
      <div class="acts in">${button({ key: "b", label: t("Compare now"), run: () => this.compare(), disabled: this.busy })}</div></section>`;
  }

  drawDispute(each, place) {
    const open = this.form === "answer" && this.rows[place].key === this.open;
    const act = (run) => () => { this.here = place; run(); };
    return html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td>${each.status === "open" ? promise({ due_at: each.answer_by, started_at: each.opened_at }) : html`${tag(t("answered"), "kept")}<span class="d">${t("the bank decides")}</span>`}</td>
      <td><span class="t">${capital(each.reason)}</span><span class="d">${each.status === "open" ? t("A lead sends the bank the evidence") : html`${parts("Evidence sent {answered_at} by {answered_by}", { answered_at: at(each.answered_at), answered_by: person(each.answered_by) })}`}</span></td>
      <td><a class="mono" href="/desk/orders/${each.order_number}">${each.order_number}</a><span class="d mono">${each.reference}</span></td><td class="r">${money(each.amount)}</td>
      <td class="r">${button({ key: "e", label: t("Evidence"), run: act(() => this.evidence(each)), disabled: this.busy })} ${button({ key: "p", label: t("As PDF"), run: act(() => this.evidence(each, ".pdf")), disabled: this.busy })} ${button({ key: "a", label: t("It was sent"), run: act(() => this.show("answer")), hidden: each.status !== "open" })}</td></tr>
      ${open ? html`<tr><td colspan="5"><form class="stack" @submit=${this.answer}><label for="sent">${t("What was sent to the bank, and how")}</label><textarea id="sent" name="note" rows="2" required maxlength="2000"></textarea>
        <div class="acts"><button class="btn go" ?disabled=${this.busy}>${t("Record")}</button><button type="button" class="btn" @click=${() => (this.form = null)}>${t("Back")}</button></div></form></td></tr>` : nothing}</tbody>`;
  }

  draw() {
    return html`<div class="head"><h1>${t("Money")} <small>${this.rows.length ? t("every cent is kept, on its way back, or here") : ""}</small></h1><div class="acts"><a class="btn" href="/desk/ledger">${t("Ledger")}<kbd aria-hidden="true">G N</kbd></a></div></div>
      ${this.rows.length === 0 ? html`<div class="box empty"><h2>${t("No money waits for you.")}</h2></div>` : nothing}
      <div class="stack">
      ${this.disputes.length ? html`<section class="box scroll" tabindex="0"><h2>${t("Disputes")} <span class="soft">${tn("{n} dispute", "{n} disputes", this.disputes.length)}</span></h2><table class="rows"><caption class="vh">${t("Payments that customers' banks dispute")}</caption>
        <thead><tr><th scope="col">${t("Promise")}</th><th scope="col">${t("Why")}</th><th scope="col">${t("Order")}</th><th scope="col" class="r">${t("Amount")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${this.long.draw("disputes", this.disputes, keyOf, ({ each }, place) => this.drawDispute(each, place), "tbody")}</table></section>` : nothing}
      ${this.cases.length ? html`<section class="box scroll" tabindex="0"><h2>${t("To settle")} <span class="soft">${tn("{n} case", "{n} cases", this.cases.length)}</span></h2><table class="rows"><caption class="vh">${t("Money that does not match")}</caption>
        <thead><tr><th scope="col">${t("Promise")}</th><th scope="col">${t("What")}</th><th scope="col">${t("Order")}</th><th scope="col" class="r">${t("Amount")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${this.long.draw("cases", this.cases, keyOf, ({ each }, place) => this.drawCase(each, this.disputes.length + place), "tbody")}</table></section>` : nothing}
      ${this.refunds.length ? html`<section class="box scroll" tabindex="0"><h2>${t("Refunds not settled")} <span class="soft">${tn("{n} refund", "{n} refunds", this.refunds.length)}</span></h2><table class="rows"><caption class="vh">${t("Refunds that are not settled")}</caption>
        <thead><tr><th scope="col">${t("Promise")}</th><th scope="col">${t("State")}</th><th scope="col">${t("Order")}</th><th scope="col" class="r">${t("Amount")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${this.long.draw("refunds", this.refunds, keyOf, ({ each }, place) => this.drawRefund(each, this.disputes.length + this.cases.length + place), "tbody")}</table></section>` : nothing}
      ${this.books.length ? this.drawBooks() : nothing}</div>${this.drawMore(this.more)}`;
  }

  drawCase(each, place) {
    const open = this.form === "settle" && this.rows[place].key === this.open;
    return html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td>${promise({ due_at: each.due_at, started_at: each.opened_at })}</td>
      <td><span class="t">${capital(words(each.kind))}</span><span class="d">${each.reason}${each.holds_payouts ? `, ${t("holds payouts")}` : ""}${each.holds_dispatch ? `, ${t("holds the dispatch")}` : ""}</span></td>
      <td>${each.order_number ? html`<a class="mono" href="/desk/orders/${each.order_number}">${each.order_number}</a>` : "none"}<span class="d mono">${each.payment_id}</span></td><td class="r">${money(each.amount)}</td>
      <td class="r">${button({ key: "s", label: t("Settle"), run: () => { this.here = place; this.show("settle"); } })}</td></tr>
      ${open ? html`<tr><td colspan="5"><form class="stack" @submit=${this.settle}><div class="field"><label for="decision">${t("What is decided")}</label><select id="decision" name="decision">${each.decisions.map((decision) => html`<option value=${decision}>${DECISIONS[decision] ?? words(decision)}</option>`)}</select></div>
        <label for="money-note">${t("Why, for the record")}</label><textarea id="money-note" name="note" rows="2" required maxlength="1000"></textarea>
        <div class="acts"><button class="btn go" ?disabled=${this.busy}>${t("Settle")}</button><button type="button" class="btn" @click=${() => (this.form = null)}>${t("Back")}</button></div></form></td></tr>` : nothing}</tbody>`;
  }

  drawRefund(each, place) {
    const open = this.form === "paid" && this.rows[place].key === this.open;
    const action = this.actionOf(each);
    return html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td>${promise({ due_at: each.due_at, started_at: each.created_at })}</td>
      <td>${tag(words(each.status), each.status === "failed" ? "late" : "")}${each.held ? tag(t("held"), "risk") : nothing}<span class="d">${words(each.cause)}${each.reason ? `: ${words(each.reason)}` : ""}${each.paid_by_hand ? `: ${t("paid by {by}, waits for a second person", { by: person(each.paid_by_hand.by) })}` : ""}</span></td>
      <td><a class="mono" href="/desk/orders/${each.order_number}">${each.order_number}</a><span class="d">${t("try {attempt}", { attempt: each.attempt })}</span></td><td class="r">${money(each.amount)}</td>
      <td class="r">${action ? button({ ...action, run: () => { this.here = place; action.run(); } }) : nothing} ${button({ key: "h", label: t("Paid by hand"), run: () => { this.here = place; this.show("paid"); }, hidden: each.status !== "failed" })}</td></tr>
      ${open ? html`<tr><td colspan="5"><form class="stack" @submit=${this.paid}>${each.paid_by_hand ? html`${facts([t("Recorded by"), person(each.paid_by_hand.by)], [t("When"), at(each.paid_by_hand.at)], [t("Proof"), each.paid_by_hand.proof])}<div class="field"><label for="was">${t("Was it paid?")}</label><select id="was" name="decision"><option value="paid">${t("Yes, it is on the statement")}</option><option value="not_paid">${t("No")}</option></select></div>` : nothing}
        <label for="proof">${t("Proof: what shows that the money went to the original account")}</label><textarea id="proof" name="proof" rows="2" required maxlength="1000"></textarea>
        <div class="acts"><button class="btn go" ?disabled=${this.busy}>${t("Record")}</button><button type="button" class="btn" @click=${() => (this.form = null)}>${t("Back")}</button></div></form></td></tr>` : nothing}</tbody>`;
  }
}

customElements.define("desk-money", Money);
