// Orders: the list, and one order: its state, its promises, its story with actor and proof, parcels, money, consents.

import { RowsPage, at, facts, html, nothing, promise, tag } from "../parts.js";
import { get, list } from "../session.js";
import { capital, count, money, person, words } from "../words.js";

const PARCELS = { delivered: "kept", lost: "late", returned: "late", exception: "risk", customs_hold: "risk", attempt_failed: "risk" };

class Orders extends RowsPage {
  static properties = { email: { state: true } };

  constructor() {
    super();
    Object.assign(this, { order: null, story: null, email: "", more: false });
  }

  async load() {
    const number = this.params[0];
    if (number) {
      const [order, story] = await Promise.all([get(`/v1/orders/${number}`), get(`/v1/orders/${number}/timeline`)]);
      Object.assign(this, { order, story, rows: [] });
      return;
    }
    const { items, more } = await list(`/v1/orders${this.email ? `?email=${encodeURIComponent(this.email)}` : ""}`, 100);
    this.order = null;
    Object.assign(this, { more, rows: items.map((order) => ({ ...order, href: `/desk/orders/${order.number}` })) });
  }

  draw() {
    return this.order ? this.drawOrder(this.order) : this.drawList();
  }

  look(event) {
    event.preventDefault();
    this.email = new FormData(event.target).get("email").trim();
    this.reload();
  }

  drawList() {
    return html`<div class="head"><h1>Orders <small>the newest first</small></h1>
        <form class="acts" role="search" @submit=${this.look}><label class="vh" for="email">E-mail address</label><input id="email" name="email" type="email" placeholder="E-mail address" .value=${this.email}><button class="btn">Look</button></form></div>
      ${this.rows.length === 0 ? html`<div class="box in empty"><h2>No orders${this.email ? ` of ${this.email}` : ""}.</h2></div>` : html`<div class="box scroll" tabindex="0"><table class="rows">
        <caption class="vh">Orders, the newest first</caption><thead><tr><th scope="col">Number</th><th scope="col">Customer</th><th scope="col">Where it is</th><th scope="col">Placed</th><th scope="col" class="r">Total</th></tr></thead>
        <tbody>${this.rows.map((order, place) => html`<tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}>
          <td><a class="t mono" href=${order.href}>${order.number}</a></td><td>${order.contact.name}</td><td>${capital(words(order.stage))}</td><td>${at(order.placed_at)}</td><td class="r">${money(order.totals.total)}</td></tr>`)}</tbody></table></div>
        ${this.more ? html`<p class="soft">The first ${this.rows.length} are shown. Give an e-mail address to see one customer's.</p>` : nothing}`}`;
  }

  drawOrder(order) {
    const clocks = [...order.commitments].sort((one, other) => one.due_at.localeCompare(other.due_at));
    const next = clocks.find(({ status }) => status === "running");
    return html`<div class="head"><h1>${capital(words(order.stage))} <small><span class="mono">${order.number}</span> · ${order.contact.name}, ${order.delivery.country} · ${money(order.totals.total)}</small></h1></div>
      <p class="next">${next ? html`Next: <b>${words(next.kind)}</b> ${promise(next)}` : html`<span class="soft">Nothing is due.</span>`}</p>
      ${order.missing?.length ? html`<p class="note risk">Without what ${order.missing.join(" and ")} would say: it does not answer just now.</p>` : nothing}
      ${order.payment?.disputed_at ? html`<p class="note late">The payment is disputed since ${at(order.payment.disputed_at)}: nothing leaves, nothing is paid back.</p>` : nothing}
      <div class="two"><div class="stack">
        <section class="box"><h2>Goods</h2><div class="scroll" tabindex="0"><table><caption class="vh">Lines of the order</caption><thead><tr><th scope="col">What</th><th scope="col" class="r">Pieces</th><th scope="col" class="r">Each</th></tr></thead>
          <tbody>${order.lines.map((line) => html`<tr><td><span class="t">${line.title}</span><span class="d mono">${line.sku}</span></td><td class="r">${line.quantity}</td><td class="r">${money(line.unit_price)}</td></tr>`)}</tbody></table></div></section>
        ${order.shipments.map((each) => this.drawShipment(each))}
        ${order.changes.length ? html`<section class="box"><h2>Changes and consents</h2><div class="in stack">${order.changes.map((change) => this.drawChange(change))}</div></section>` : nothing}
        <section class="box"><h2>Story <span class="soft">${count(this.story.items.length, "step")}, each in a journal that cannot be rewritten unseen</span></h2><ol class="story">${[...this.story.items].reverse().map((step) => this.drawStep(step))}</ol></section>
      </div><aside class="stack" aria-label="Promises, money, customer">
        <section class="box"><h2>Promises</h2><ul class="in clocks">${clocks.map((clock) => html`<li><span>${capital(words(clock.kind))}</span>${promise(clock)}</li>`)}</ul></section>
        <section class="box"><h2>Money</h2><div class="in">${order.account ? facts(["Captured", money(order.account.captured)], ["Kept", money(order.account.kept)], ["Refunded", money(order.account.refunded)], ["With a person", money(order.account.attention)]) : nothing}</div></section>
        <section class="box"><h2>Customer</h2><div class="in">${facts(["Name", order.contact.name], ["Mail", order.contact.email], ["Phone", order.contact.phone], ["Zone", order.contact.time_zone], ["To", html`${order.delivery.line1}<br>${[order.delivery.postal_code, order.delivery.city].filter(Boolean).join(" ")}<br>${order.delivery.country}`])}</div></section>
        ${order.returns.length ? html`<section class="box"><h2>Returns</h2><ul class="in">${order.returns.map((each) => html`<li><a class="mono" href="/desk/returns/${each.number}">${each.number}</a> ${words(each.status)}</li>`)}</ul></section>` : nothing}
      </aside></div>`;
  }

  drawShipment(each) {
    return html`<section class="box"><h2><span class="mono">${each.number}</span> <span class="soft">${words(each.status)}</span></h2><ul class="in stack">${each.parcels.length === 0 ? html`<li class="soft">No parcel yet.</li>` : each.parcels.map((parcel) => html`<li>
      <p>${tag(words(parcel.status), PARCELS[parcel.status])} ${parcel.carrier_name} ${parcel.tracking_url ? html`<a class="mono" href=${parcel.tracking_url} rel="noreferrer">${parcel.tracking_number}</a>` : html`<span class="mono">${parcel.tracking_number}</span>`}</p>
      <ol class="scans">${parcel.events.slice(-4).reverse().map((scan) => html`<li><span class="d">${at(scan.occurred_at)}</span> ${scan.message || words(scan.status)} ${scan.location ?? ""}</li>`)}</ol></li>`)}</ul></section>`;
  }

  drawChange(change) {
    return html`<div><p>${tag(words(change.status), change.status === "awaiting_customer" ? "risk" : "")} ${change.summary}</p>
      ${change.consent ? facts(["Agreed by", change.consent.by], ["When", at(change.consent.at)], ["To", change.options.find(({ option }) => option === change.consent.option)?.label], ["Digest", html`<span class="mono">${change.digest.slice(0, 16)}…</span>`]) : nothing}</div>`;
  }

  drawStep(step) {
    return html`<li><span class="d">${at(step.occurred_at)}</span><span><b>${capital(words(step.type))}</b> <span class="soft">${step.service}, ${person(step.actor)}${step.audience === "internal" ? ", not shown to the customer" : ""}</span></span></li>`;
  }
}

customElements.define("desk-orders", Orders);
