// Review: three checks with their evidence side by side; pass (P) or contact the customer (C), then the next order.

import { discountOf } from "../order-view.js";
import { SplitPage, go, keyOf } from "../page.js";
import { at, button, facts, html, nothing, promise, sign, t, tn } from "../parts.js";
import { get, list, send } from "../session.js";
import { capital, money, words } from "../words.js";

const CHECKS = { order_info: t("Order"), payment: t("Payment"), delivery: t("Delivery") };
const FOUND = { passed: ["kept", t("passed")], failed: ["late", t("found wanting")] };

/** The last finding of each check: {order_info: check, …}. */
const latest = (checks) => Object.fromEntries(checks.map((check) => [check.check, check]));

const address = (to) => [to.line1, to.line2, [to.postal_code, to.city].filter(Boolean).join(" "), to.region, to.country].filter(Boolean);

class Review extends SplitPage {
  static properties = { asking: { state: true } };
  static follows = ["orders"];

  shut() {
    return { order: null, asking: false };
  }

  constructor() {
    super();
    Object.assign(this, this.shut(), { more: false });
  }

  get opened() {
    return this.order;
  }

  async loadRows() {
    const { items, more } = await list("/v1/reviews", this.most);
    this.more = more;
    this.rows = items.map((order) => ({ ...order, href: `/desk/review/${order.number}` }));
  }

  async loadOne(wanted) {
    if (this.order?.number !== wanted) this.asking = false;
    const order = wanted ? await get(`/v1/orders/${wanted}`) : null;
    if (wanted === this.params[0]) this.order = order;
  }

  get open() {
    return ["pending", "needs_contact"].includes(this.order?.review.status);
  }

  get wanting() {
    return Object.values(latest(this.order?.review.checks ?? [])).filter(({ result }) => result === "failed");
  }

  keys() {
    const shut = !this.order || !this.open;
    return [
      { key: "p", label: this.wanting.length ? t("pass with a note") : t("pass"), run: () => this.pass(), hidden: shut },
      { key: "c", label: t("contact the customer"), run: () => this.contact(), hidden: shut || this.order.review.status === "needs_contact" },
      ...this.stepping(),
      { key: "o", label: t("the whole order"), run: () => go(`/desk/orders/${this.order.number}`), hidden: !this.order },
    ];
  }

  pass() {
    if (this.wanting.length) this.write("pass");
    else this.decide({ decision: "pass" });
  }

  contact() {
    if (this.wanting.length) this.decide({ decision: "contact" });
    else this.write("contact");
  }

  /** Ask what was seen: a pass over a finding, or a contact without one, needs evidence. */
  write(decision) {
    this.asking = decision;
    this.focusOn("#evidence");
  }

  async submit(event) {
    event.preventDefault();
    const given = new FormData(event.target), decision = this.asking;
    const result = decision === "pass" ? "passed" : "failed";
    const checks = decision === "pass" ? this.wanting.map(({ check }) => check) : [given.get("check")];
    await this.decide({ decision, checks: checks.map((check) => ({ check, result, evidence: given.get("evidence") })) });
  }

  async decide(wish) {
    const { number, version } = this.order;
    const following = this.rows[this.here + 1] ?? this.rows[this.here - 1];
    const said = wish.decision === "pass" ? t("{number} has passed.", { number }) : t("The customer of {number} is being asked.", { number });
    if (await this.act(() => send("POST", `/v1/orders/${number}/review`, wish, { version }), said)) {
      this.asking = false;
      go(following ? following.href : "/desk/review");
    }
  }

  draw() {
    if (!this.order && this.rows.length === 0) return this.drawNone(t("Review"), t("No order waits for a review."));
    return html`<div class="split"><aside class="box" aria-label=${t("Orders to review")}>
        <h2>${t("Review")} <span class="soft">${t("{n} by deadline", { n: this.rows.length })}</span></h2>
        <ul class="picks">${this.long.draw("orders", this.rows, keyOf, (row) => html`<li><a href=${row.href} aria-current=${row.number === this.order?.number ? "true" : nothing}>
          <span class="mono">${row.number}</span><b>${money(row.totals.total)}</b><span>${row.contact.name}</span>${promise({ due_at: row.review.due_at })}</a></li>`, "li")}</ul>${this.drawMore(this.more)}</aside>
      ${this.order ? html`<section class="stack" aria-label=${t("Order {number}", { number: this.order.number })}>${this.drawOrder(this.order)}</section>` : this.drawNone(t("Review"), t("No order is open."))}</div>`;
  }

  drawOrder(order) {
    const checks = latest(order.review.checks);
    return html`<div class="head"><h1><span class="mono">${order.number}</span> <small>${order.contact.name}, ${order.delivery.city || order.delivery.country} · ${money(order.totals.total)}</small></h1>${promise(order.commitments.find(({ kind }) => kind === "review") ?? { due_at: order.review.due_at })}</div>
      <div class="three">${Object.entries(CHECKS).map(([check, title]) => this.drawCheck(title, checks[check], this.evidence(check, order)))}</div>
      ${this.open ? this.drawDecision(order) : html`<p class="note">${t("{status}. Nothing waits for you here.", { status: capital(words(order.review.status)) })}</p>`}`;
  }

  evidence(check, order) {
    if (check === "order_info")
      return facts(...order.lines.map((line) => [line.sku, `${line.quantity} × ${money(line.unit_price)}`]), ...discountOf(order), [t("Freight"), money(order.totals.shipping)], [t("Duties"), money(order.totals.duties)], [t("Total"), money(order.totals.total)]);
    if (check === "payment")
      return facts([t("Provider"), order.payment?.provider], [t("Captured"), order.payment && money(order.payment.captured)], [t("Total"), money(order.totals.total)], [t("When"), order.payment?.captured_at && at(order.payment.captured_at)], [t("Disputed"), order.payment?.disputed_at && at(order.payment.disputed_at)]);
    return facts([t("Name"), order.delivery.name], [t("Address"), html`${address(order.delivery).map((line) => html`${line}<br>`)}`], [t("Phone"), order.contact.phone], [t("Mail"), order.contact.email]);
  }

  drawCheck(title, check, evidence) {
    const [state, word] = FOUND[check?.result] ?? ["rest", t("not yet")];
    return html`<section class="box check is-${state}"><h2>${title} <span class="tag ${state}">${sign(state)} ${word}</span></h2>
      <div class="in">${evidence}${check?.evidence ? html`<p class=${check.result === "failed" ? "note late" : "soft xs"}>${check.evidence}</p>` : nothing}</div>
      ${check ? html`<p class="foot d">${words(check.by)} ${at(check.at)}</p>` : nothing}</section>`;
  }

  drawDecision(order) {
    if (this.asking) return this.drawForm();
    const wanting = this.wanting;
    const asked = order.review.status === "needs_contact";
    return html`<div class="box in decide"><p>${asked ? t("The customer was asked; pass it when their answer is good.") : wanting.length ? tn("{n} check found wanting. To pass it, write what you saw.", "{n} checks found wanting. To pass it, write what you saw.", wanting.length) : t("Nothing was found wanting.")}</p>
      ${button({ key: "p", label: wanting.length ? t("Pass with a note") : t("Pass"), go: !wanting.length, run: () => this.pass(), disabled: this.busy })}
      ${button({ key: "c", label: t("Contact the customer"), go: wanting.length > 0, run: () => this.contact(), hidden: asked, disabled: this.busy })}</div>`;
  }

  drawForm() {
    const pass = this.asking === "pass";
    return html`<form class="box in stack" @submit=${this.submit}><h2>${pass ? t("Pass with a note") : t("Contact the customer")}</h2>
      ${pass ? nothing : html`<div class="field"><label for="check">${t("What is wanting")}</label><select id="check" name="check">${Object.entries(CHECKS).map(([value, title]) => html`<option value=${value}>${title}</option>`)}</select></div>`}
      <label for="evidence">${pass ? t("What you saw that makes it right") : t("What is wrong")}</label>
      <textarea id="evidence" name="evidence" rows="3" required minlength="3" maxlength="2000"></textarea>
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${pass ? t("Pass") : t("Contact the customer")}</button>
      <button type="button" class="btn" @click=${() => (this.asking = false)}>${t("Back")}</button></div></form>`;
  }
}

customElements.define("desk-review", Review);
