// What stands beside a conversation: its order with parcels, returns and refunds, the customer's earlier conversations
// and how they were rated. Nothing is kept here: each is asked of the service that owns it when the conversation is opened,
// and what does not answer is a gap with its name. What is done from here goes by the rules of those who own it.

import { LitElement, at, button, html, nothing, parts, promise, t, tag } from "./parts.js";
import { mayPropose, mayReturn, stageOf, whenOf } from "./order-stage.js";
import { Problem, get, send, session } from "./session.js";
import { capital, money, words } from "./words.js";
import "./happened.js";

const MOST = 10;
const NAMES = { orders: t("The order"), logistics: t("Its parcels"), aftersales: t("Its returns"), support: t("Earlier conversations") };
const BAD = { lost: "late", returned: "late", failed: "late", exception: "risk", customs_hold: "risk", attempt_failed: "risk", delivered: "kept", settled: "kept", refunded: "kept" };
const state = (code) => tag(words(code), BAD[code]);

class Beside extends LitElement {
  static properties = { ticket: { attribute: false }, page: { attribute: false }, busy: { type: Boolean }, form: { state: true }, order: { state: true }, others: { state: true }, orders: { state: true }, gaps: { state: true }, asked: { state: true } };

  constructor() {
    super();
    this.forget();
  }

  forget() {
    Object.assign(this, { form: null, order: null, orders: null, others: null, gaps: new Map(), asked: null });
  }

  createRenderRoot() {
    return this;
  }

  willUpdate(changed) {
    if (!changed.has("ticket")) return;
    const before = changed.get("ticket");
    if (before?.number === this.ticket.number && before?.order_number === this.ticket.order_number) return;
    this.forget();
    this.read();
  }

  /** Read all of it. An order that is only claimed may be another customer's: it is read when it is asked for. */
  read() {
    const { order_number: number, order_link: link } = this.ticket;
    if (number && (link === "verified" || this.asked === number)) this.readOrder(number);
    else if (this.asked) this.readOrder(this.asked);
    this.readOthers();
    if (!number) this.readOrders();
  }

  async ask(name, path) {
    const { number } = this.ticket;
    try {
      const found = await get(path);
      if (number !== this.ticket.number) return null;
      this.gaps = new Map([...this.gaps].filter(([each]) => each !== name));
      return found;
    } catch (problem) {
      if (number === this.ticket.number) this.gaps = new Map([...this.gaps, [name, problem.status === 404 ? t("there is none of this number") : problem.status === 403 ? t("is not for your role") : t("does not answer just now")]]);
      return null;
    }
  }

  async readOrder(number) {
    this.asked = number;
    const order = await this.ask("orders", `/v1/orders/${number}`);
    if (order && this.asked === number) this.order = order;
  }

  async readOthers() {
    const { number, customer } = this.ticket;
    const found = await this.ask("support", `/v1/tickets?${new URLSearchParams({ q: customer.email, limit: MOST + 1 })}`);
    if (found) this.others = found.items.filter((each) => each.number !== number && each.customer?.email === customer.email).slice(0, MOST);
  }

  async readOrders() {
    const found = await this.ask("orders", `/v1/orders?${new URLSearchParams({ email: this.ticket.customer.email, limit: MOST })}`);
    if (found) this.orders = found.items;
  }

  /** What a step of an order needs of its page: this place stands for it, so that the conversation stays open. */
  get stand() {
    const beside = this, { page } = this;
    return {
      stays: true,
      act: async (doing, said) => {
        const done = await page.act(doing, said);
        if (done) beside.readOrder(beside.asked);
        return done;
      },
      get busy() { return page.busy; },
      set form(form) { beside.form = form; },
    };
  }

  async show(form) {
    const { ticket: { number }, asked } = this;
    try {
      await import("./pages/order-steps.js"); // most conversations end without one
    } catch {
      this.page.problem = new Problem({ status: 0, code: "no_answer", detail: t("This form could not be read. Reload the page to try again.") });
      return;
    }
    if (!this.isConnected || number !== this.ticket.number || asked !== this.asked) return; // another one is shown by now
    this.page.form = null;
    this.form = form;
    this.performUpdate();
    this.querySelector("desk-order-step")?.focus();
  }

  /** Mail a new link: to the order's own address, or to the conversation's. */
  resend(path, email) {
    return this.page.act(() => send("POST", `${path}/link`, { email }), t("A new link is on its way to {email}.", { email }));
  }

  render() {
    const { ticket, gaps } = this;
    return html`<section class="box beside" aria-label=${t("Beside it")}><h2>${t("Beside it")}</h2><div class="in stack">
      ${this.order ? this.drawOrder(this.order) : this.drawNoOrder(ticket)}
      ${[...gaps].map(([name, why]) => html`<p class="note risk">${t("{name}: {why}.", { name: NAMES[name], why })} <button type="button" class="btn" @click=${() => this.read()}>${t("Try again")}<span class="vh"> ${t("to read: {name}", { name: NAMES[name] })}</span></button></p>`)}
      ${this.drawOthers()}
      <div class="acts">${button({ label: t("Mail a link to this"), run: () => this.resend(`/v1/tickets/${ticket.number}`, ticket.customer.email), hidden: ticket.status === "quarantined", disabled: this.busy })}</div></div></section>
      <desk-happened .number=${ticket.number} .version=${ticket.version}></desk-happened>`;
  }

  drawNoOrder({ order_number: number, order_link: link }) {
    if (number && link !== "verified" && this.asked !== number)
      return html`<p>${t("The order {number} is only claimed: it may be another customer's.", { number })} ${button({ label: t("Read it all the same"), run: () => this.readOrder(number) })}</p>`;
    if (number || !this.orders?.length) return number || !this.orders || this.gaps.has("orders") ? nothing : html`<p class="soft">${t("No order of this address.")}</p>`;
    return html`<h3>${this.ticket.mailbox_proven ? t("Orders of this address") : t("Orders of this address, which is not proven")}</h3><ul class="stack">${this.orders.map((each) => html`<li>${button({ label: each.number, run: () => this.readOrder(each.number) })} ${stageOf(each)} <span class="d">${at(each.placed_at)}, ${money(each.totals.total)}</span></li>`)}</ul>`;
  }

  drawOrder(order) {
    const parcels = order.shipments.flatMap(({ parcels: all }) => all), may = session.may("agent", "lead");
    const next = [...order.commitments].sort((one, other) => one.due_at.localeCompare(other.due_at)).find(({ status }) => status === "running");
    return html`<h3><a class="mono" href="/desk/orders/${order.number}">${order.number}</a></h3>
      <p><b>${stageOf(order)}</b> <span class="d">${order.contact.name}, ${order.delivery.country}, ${money(order.totals.total)}, ${at(order.placed_at)}</span></p>
      ${order.contact.email === this.ticket.customer.email ? nothing : html`<p class="note risk">${t("It is of another address: {email}.", { email: order.contact.email })}</p>`}
      ${next ? html`<p>${capital(words(next.kind))} ${promise(next)}</p>` : nothing}
      <ul>${order.lines.map((line) => html`<li>${line.quantity} × ${line.title}</li>`)}</ul>
      ${this.drawList(t("Parcels"), "logistics", order.missing, parcels, (each) => html`${state(each.status)} ${each.carrier_name} <span class="mono">${each.tracking_number}</span>${each.delivered_at ? html` <span class="d">${at(each.delivered_at)}</span>` : nothing}`)}
      ${this.drawList(t("Returns"), "aftersales", order.missing, order.returns, (each) => html`${state(each.status)} <a class="mono" href="/desk/returns/${each.number}">${each.number}</a>`)}
      ${this.drawList(t("Refunds"), "orders", order.missing, order.refunds, (each) => html`${state(each.status)} ${money(each.amount)} <span class="d">${whenOf(each)}</span>`)}
      ${order.changes.some(({ status }) => status === "awaiting_customer") ? html`<p>${parts("{asked} about a change", { asked: tag(t("the customer was asked"), "risk") })}</p>` : nothing}
      <div class="acts">${button({ label: t("Propose a change"), run: () => this.show("change"), hidden: !mayPropose(order) })}
        ${button({ label: t("Ask for a return"), run: () => this.show("return"), hidden: !mayReturn(order) })}
        ${button({ label: t("Mail a link to the order"), run: () => this.resend(`/v1/orders/${order.number}`, order.contact.email), hidden: !may, disabled: this.busy })}</div>
      ${this.form && !this.page.form ? html`<desk-order-step tabindex="-1" .form=${this.form} .order=${order} 
        .asked=${this.ticket.order_link === "verified" && this.ticket.order_number === order.number ? this.ticket.number : null} .page=${this.stand} .busy=${this.busy}></desk-order-step>` : nothing}`;
  }

  drawList(title, service, missing, items, draw) {
    if (missing?.includes(service)) return html`<p class="note risk">${t("{title}: {service} does not answer just now.", { title, service })} <button type="button" class="btn" @click=${() => this.read()}>${t("Try again")}<span class="vh"> ${t("to read the {title}", { title: title.toLowerCase() })}</span></button></p>`;
    return items.length ? html`<h3>${title}</h3><ul class="stack">${items.map((each) => html`<li>${draw(each)}</li>`)}</ul>` : nothing;
  }

  drawOthers() {
    if (!this.others) return nothing;
    const { merged = [], related = [] } = this.ticket, together = new Set([...merged, ...related].map(({ number }) => number)); // they are shown with it
    const others = this.others.filter(({ number }) => !together.has(number));
    if (!others.length) return html`<p class="soft">${t("No other conversation of this address.")}</p>`;
    return html`<h3>${t("Other conversations")}</h3><ul class="stack">${others.map((each) => html`<li><a class="mono" href="/desk/inbox/${each.number}">${each.number}</a> ${each.subject} <span class="d">${words(each.status)}, ${at(each.opened_at)}${each.score ? `, ${t("rated {score} of 5", { score: each.score })}` : ""}</span></li>`)}</ul>`;
  }
}

customElements.define("desk-beside", Beside);
