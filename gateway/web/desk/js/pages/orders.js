// Orders: the list, and one order with everything about it and the steps that are allowed now.
//
// Nothing here changes or cancels an order: staff propose, and the customer decides.

import { filledIn } from "../given.js";
import { RowsPage, go, keyOf } from "../page.js";
import { mayPropose, mayReturn, stageOf } from "../order-stage.js";
import { consent, moneyOf, promises, steps, track } from "../order-view.js";
import { factsOf } from "../parcel-facts.js";
import { at, button, facts, html, nothing, parts, promise, save, t, tag } from "../parts.js";
import { get, list, send, session } from "../session.js";
import { BEGINNINGS, all, capital, money, person, words } from "../words.js";
import "../shipment-costs.js";
import "./order-steps.js";

const PARCELS = { delivered: "kept", lost: "late", returned: "late", exception: "risk", customs_hold: "risk", attempt_failed: "risk" };
const MAY_SEE_HOLDS = ["agent", "reviewer", "warehouse", "lead"];
const STATUSES = ["awaiting_payment", "confirmed", "completed", "cancelled", "expired"];

/** Whether it may be kept back, by the reader: paid, and not all of it has left. */
const mayHold = ({ status, shipments }) =>
  session.may("reviewer", "lead") && status === "confirmed" && (shipments.length === 0 || shipments.some((each) => !each.dispatched_at));

class Orders extends RowsPage {
  static properties = { form: { state: true } };
  static follows = ["orders", "logistics", "aftersales"];

  shut() {
    return { order: null, story: null, form: null, parcel: null, hold: null, late: false, unheard: false };
  }

  constructor() {
    super();
    Object.assign(this, this.shut(), { more: false });
  }

  get opened() {
    return this.order;
  }

  get asked() {
    const query = new URLSearchParams(location.search);
    return Object.fromEntries(["q", "status", "placed_from", "placed_to", "email"].map((name) => [name, query.get(name) ?? ""]));
  }

  async load() {
    const number = this.params[0];
    if (number) {
      const [order, story, holds] = await Promise.all([get(`/v1/orders/${number}`), get(`/v1/orders/${number}/timeline`), session.may(...MAY_SEE_HOLDS) ? list(`/v1/holds?order_number=${number}`).catch(() => null) : { items: [] }]);
      if (number !== this.params[0]) return;
      if (this.order?.number !== number) this.form = null;
      Object.assign(this, { order, story, rows: [], hold: holds?.items.find(({ released_at: over }) => !over) ?? null, late: holds?.items.some(({ released_by: by }) => by && !/^(staff|key):/.test(by)) ?? false, unheard: !holds });
      return;
    }
    const query = new URLSearchParams(Object.entries(this.asked).filter(([, value]) => value));
    const { items, more } = await list(`/v1/orders?${query}`, this.most);
    if (!this.params[0]) Object.assign(this, { more, rows: items.map((order) => ({ ...order, href: `/desk/orders/${order.number}` })) });
  }

  /** An open order is read again whatever service said something of it, and for nothing else. */
  heard(told) {
    const number = this.params[0];
    if (!number) return super.heard(told);
    if (told.all || told.items.some(({ order_number: of, subject }) => of === number || subject === number)) super.heard({ ...told, all: true });
  }

  keys() {
    if (!this.order) return [...super.keys(), { key: "/", label: t("search"), run: () => this.focusOn("#q") }];
    return this.steps().map(({ key, label, run }) => ({ key, label: label.toLowerCase(), run })).filter(({ key }) => key);
  }

  /** The steps that are allowed now: [{key, label, run, …}]. */
  steps() {
    const order = this.order, confirmed = order.status === "confirmed";
    return [
      { key: "v", label: t("Review"), go: true, run: () => go(`/desk/review/${order.number}`), hidden: !session.may("reviewer") || !confirmed || order.review.status === "passed" },
      { key: "c", label: t("Propose a change"), run: () => this.show("change"), hidden: !mayPropose(order) },
      { key: "w", label: t("Write to the customer"), run: () => this.show("write"), hidden: !session.may("agent", "lead") },
      { key: "b", label: t("Ask for a return"), run: () => this.show("return"), hidden: !mayReturn(order) },
      { key: "h", label: t("Release what it holds"), run: () => this.show("release"), hidden: !session.may("reviewer") || order.status !== "awaiting_payment" },
      { key: "k", label: t("Keep it back"), run: () => this.show("hold"), hidden: !mayHold(order) || this.hold },
      { key: "k", label: t("Let it go on"), run: () => this.letGo(), hidden: !session.may("reviewer", "lead") || !this.hold },
    ].filter(({ hidden }) => !hidden);
  }

  show(form, parcel = null) {
    Object.assign(this, { form, parcel });
    this.focusOn("desk-order-step");
  }

  look(event) {
    event.preventDefault();
    const query = new URLSearchParams(filledIn(event.target));
    go(`/desk/orders${query.size ? `?${query}` : ""}`);
  }

  /** Save what the list asks for as a file, to its end and not only what is shown. */
  export() {
    const query = new URLSearchParams(Object.entries(this.asked).filter(([, value]) => value));
    return this.act(async () => save(await get(`/v1/orders/export?${query}`), "orders.csv"), t("The file is saved."));
  }

  withdraw(change) {
    return this.act(() => send("DELETE", `/v1/changes/${change.id}`, {}), t("It is withdrawn, and the customer told."));
  }

  letGo() {
    return this.act(() => send("DELETE", `/v1/orders/${this.order.number}/hold`, {}), t("It goes on."));
  }

  draw() {
    if (this.order) return this.drawOrder(this.order);
    return this.away ? this.drawNone(t("Orders"), t("No order is open.")) : this.drawList();
  }

  drawList() {
    const { q, email, status, placed_from: from, placed_to: to } = this.asked, wanted = q || email;
    return html`<div class="head"><h1>${t("Orders")} <small>${t("the newest first")}</small></h1>
        <form class="acts" role="search" @submit=${this.look}><label class="vh" for="status">${t("Status")}</label><select id="status" name="status"><option value="">${t("All")}</option>${STATUSES.map((each) => html`<option value=${each} ?selected=${each === status}>${capital(words(each))}</option>`)}</select><label for="placed-from">${t("From")}</label><input id="placed-from" name="placed_from" type="date" .value=${from}><label for="placed-to">${t("to")}</label><input id="placed-to" name="placed_to" type="date" .value=${to}><label class="vh" for="q">${t("Number, name, mail, phone or tracking number, or how they begin")}</label><input id="q" name="q" type="search" minlength="2" maxlength="100" placeholder=${t("Number, name, mail, phone, parcel")} .value=${wanted}><button class="btn">${t("Look")}</button>${button({ label: t("Save as CSV"), run: () => this.export(), hidden: !session.may("lead"), disabled: this.busy })}</form></div>
      ${this.rows.length === 0 ? html`<div class="box in empty"><h2>${wanted ? html`${t("No orders are found for “{wanted}”.", { wanted })}` : t("No orders.")}</h2>${wanted ? html`<p>${BEGINNINGS}</p>` : nothing}</div>` : html`<div class="box scroll" tabindex="0"><table class="rows">
        <caption class="vh">${t("Orders, the newest first")}</caption><thead><tr><th scope="col">${t("Number")}</th><th scope="col">${t("Customer")}</th><th scope="col">${t("Where it is")}</th><th scope="col">${t("Placed")}</th><th scope="col" class="r">${t("Total")}</th></tr></thead>
        <tbody>${this.long.draw("orders", this.rows, keyOf, (order, place) => html`<tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}>
          <td><a class="t mono" href=${order.href}>${order.number}</a></td><td>${order.contact.name}</td><td>${stageOf(order)}</td><td>${at(order.placed_at)}</td><td class="r">${money(order.totals.total)}</td></tr>`)}</tbody></table></div>
        ${this.drawMore(this.more)}`}`;
  }

  /** Print a document of the order and save it. */
  print(name) {
    const { number } = this.order;
    return this.act(async () => save(await get(`/v1/orders/${number}/${name}.pdf`), `${name.split("/").slice(-2).reverse().join("-")}-${number}.pdf`), t("The file is saved."));
  }

  drawPapers(order) {
    const papers = [
      ["receipt", t("Receipt"), Boolean(order.account) && order.account.captured.amount !== "0.00"],
      ["shipping-confirmation", t("Shipping confirmation"), order.shipments.some((each) => each.dispatched_at)],
      ["refund-confirmation", t("Refund confirmation"), order.refunds.length > 0],
      ...order.refunds.map((each) => [`refunds/${each.id}/credit-note`, t("Credit note {amount}", { amount: money(each.amount) }), Boolean(each.settled_at)]),
    ].filter(([, , there]) => there);
    return papers.length ? html`<section class="box"><h2>${t("Documents")} <span class="soft">${t("as PDF")}</span></h2><div class="in acts">${papers.map(([name, label]) => button({ label, run: () => this.print(name), disabled: this.busy }))}</div></section>` : nothing;
  }

  drawOrder(order) {
    const clocks = [...order.commitments].sort((one, other) => one.due_at.localeCompare(other.due_at));
    const next = clocks.find(({ status }) => status === "running");
    return html`<section class="state stack" aria-label=${t("State")}><div class="head"><h1>${stageOf(order)} <small><span class="mono">${order.number}</span> · ${order.contact.name}, ${order.delivery.country} · ${money(order.totals.total)}</small></h1><div class="acts">${this.steps().map((step) => button(step))}</div></div>
      <p class="next">${next ? html`${parts("Next: {kind}", { kind: html`<b>${words(next.kind)}</b>` })} ${promise(next)}` : html`<span class="soft">${t("Nothing is due.")}</span>`}</p>
      ${order.missing?.length ? html`<p class="note risk">${t("Without what {services} would say: it does not answer just now.", { services: all(order.missing) })}</p>` : nothing}
      ${order.payment?.disputed_at ? html`<p class="note late">${parts("The payment is disputed since {disputed_at}: nothing leaves, and what is disputed is not paid back.", { disputed_at: at(order.payment.disputed_at) })}</p>` : nothing}
      ${this.unheard ? html`<p class="note risk">${t("It is not known just now whether a colleague keeps it back.")}</p>` : nothing}
      ${this.late && order.status !== "cancelled" ? html`<p class="note risk">${t("A colleague wanted to keep it back when the carrier had it already.")}</p>` : nothing}
      ${this.hold ? html`<p class="note risk">${parts("{by} keeps it back since {at}: {why}. Nothing leaves, and the time to dispatch goes on.", { by: words(person(this.hold.held_by)), at: at(this.hold.held_at), why: html`<b>${words(this.hold.reason)}</b>${this.hold.note ? ` (${this.hold.note})` : nothing}` })}</p>` : nothing}
      ${order.cancellation.requested ? html`<p class="note late">${order.cancellation.reason ? t("The customer asked to cancel: {reason}", { reason: order.cancellation.reason }) : t("The customer asked to cancel.")}</p>` : nothing}
      ${this.form ? html`<desk-order-step tabindex="-1" .form=${this.form} .order=${order} .parcel=${this.parcel} .page=${this} .busy=${this.busy}></desk-order-step>` : nothing}</section>
      <div class="two"><div class="stack">
        ${promises(clocks)}
        ${order.shipments.map((each) => this.drawShipment(each))}
        <section class="box"><h2>${t("Goods")}</h2><div class="scroll" tabindex="0" role="region" aria-label=${t("Goods")}><table><caption class="vh">${t("Lines of the order")}</caption><thead><tr><th scope="col">${t("What")}</th><th scope="col" class="r">${t("Pieces")}</th><th scope="col" class="r">${t("Each")}</th></tr></thead>
          <tbody>${order.lines.map((line) => html`<tr><td><span class="t">${line.title}</span><span class="d mono">${line.sku}</span>${(order.backorders ?? []).filter(({ sku, here_at: here }) => sku === line.sku && !here).map((each) => html`<span class="d">${tag(t("{n} not here yet, promised by {day}", { n: each.quantity, day: each.until }), "risk")}</span>`)}</td><td class="r">${line.quantity}</td><td class="r">${money(line.unit_price)}</td></tr>`)}</tbody></table></div></section>
        ${steps(this.story)}
      </div><aside class="stack" aria-label=${t("Money, consents, customer")}>
        ${moneyOf(order)}
        ${this.drawPapers(order)}
        ${order.changes.length || order.remedies.length ? html`<section class="box"><h2>${t("Consents")}</h2><div class="in stack">${order.changes.map((change) => html`${consent(change)}${button({ label: t("Withdraw it"), run: () => this.withdraw(change), hidden: change.status !== "awaiting_customer" || !session.may("agent", "reviewer", "lead") })}`)}${order.remedies.map((remedy) => consent({ ...remedy, decided_at: remedy.decided_at }))}</div></section>` : nothing}
        <section class="box"><h2>${t("Customer")}</h2><div class="in">${facts([t("Name"), order.contact.name], [t("Mail"), order.contact.email], [t("Phone"), order.contact.phone], [t("Writes"), order.contact.language], [t("Zone"), order.contact.time_zone], [t("To"), html`${order.delivery.line1}<br>${[order.delivery.postal_code, order.delivery.city].filter(Boolean).join(" ")}<br>${order.delivery.country}`])}</div></section>
        ${order.returns.length ? html`<section class="box"><h2>${t("Returns")}</h2><ul class="in">${order.returns.map((each) => html`<li><a class="mono" href="/desk/returns/${each.number}">${each.number}</a> ${words(each.status)}</li>`)}</ul></section>` : nothing}
        ${order.review.checks.length ? html`<section class="box"><h2>${t("Review")}</h2><ul class="in stack">${order.review.checks.map((check) => html`<li>${tag(words(check.result), check.result === "passed" ? "kept" : "late")} ${capital(words(check.check))} <span class="d">${check.evidence ? `${check.evidence} · ` : ""}${words(person(check.by))}, ${at(check.at)}</span></li>`)}</ul></section>` : nothing}
        <p class="xs soft">${t("To cancel and to edit are not missing: nothing here changes an order without the customer's answer.")} ${order.edit.possible ? t("Customers change it themselves on its page, and can do so now.") : t("Customers change it themselves on its page; they cannot now: {because}.", { because: words(order.edit.because) })}</p>
      </aside></div>`;
  }

  drawShipment(each) {
    const may = session.may("warehouse");
    return html`<section class="box"><h2><span class="mono">${each.number}</span> <span class="soft">${words(each.status)}</span></h2><ul class="in stack">${this.order.shipments.length > 1 ? html`<li class="xs">${each.lines.map(({ quantity, title }) => `${quantity} × ${title}`).join(", ")}${each.dispatched_at || each.status === "recalled" ? nothing : promise({ due_at: each.dispatch_due_at })}</li>` : nothing}${each.parcels.length === 0 ? html`<li class="soft">${t("No parcel yet.")}</li>` : each.parcels.map((parcel) => html`<li class="stack">
      <p class="head">${tag(words(parcel.status), PARCELS[parcel.status])} ${parcel.carrier_name} ${parcel.tracking_url ? html`<a class="mono" href=${parcel.tracking_url} rel="noreferrer">${parcel.tracking_number}</a>` : html`<span class="mono">${parcel.tracking_number}</span>`}
        <span class="acts">${button({ label: t("It is not delivered"), run: () => this.show("denial", { shipment: each, parcel }), hidden: !may || !parcel.delivered_at })}</span></p>
      ${each.parcels.length > 1 && parcel.lines?.length ? html`<p class="xs">${t("In this parcel: {pieces}", { pieces: parcel.lines.map(({ quantity, title }) => `${quantity} × ${title}`).join(", ") })}</p>` : nothing}
      ${track(parcel)}
      <p>${factsOf(parcel)}</p>
      ${parcel.events.length ? html`<details><summary>${t("All scans")}</summary><ol class="scans">${[...parcel.events].reverse().map((scan) => html`<li><span class="d">${at(scan.occurred_at)}</span> ${scan.message || words(scan.status)} ${scan.location ?? ""}</li>`)}</ol></details>` : nothing}</li>`)}
      <li><desk-shipment-costs .number=${each.number} .of=${this.order}></desk-shipment-costs></li></ul></section>`;
  }
}

customElements.define("desk-orders", Orders);
