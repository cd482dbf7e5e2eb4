// What is printed at the pack station: the packing slip that goes into the box, and the address for its outside.

import { barcode } from "../barcode.js";
import { Page, go } from "../page.js";
import { button, html } from "../parts.js";
import { get } from "../session.js";
import { count, day } from "../words.js";

class Slip extends Page {
  static follows = ["logistics"];

  shut() {
    return { shipment: null };
  }

  constructor() {
    super();
    Object.assign(this, this.shut());
  }

  async load() {
    const [wanted] = this.params, shipment = await get(`/v1/shipments/${wanted}`);
    if (wanted === this.params[0]) this.shipment = shipment;
  }

  keys() {
    return [
      { key: "p", label: "print", run: () => print() },
      { key: "b", label: "back to the station", run: () => go(`/desk/pack/${this.shipment.number}`), hidden: !this.shipment },
    ];
  }

  draw() {
    if (!this.shipment) return this.drawNone("Slip and label", "No shipment is open.");
    const { number, order_number: order, lines, destination: to, review_passed_at: passed } = this.shipment;
    const address = [to.name, to.company, to.line1, to.line2, [to.postal_code, to.city].filter(Boolean).join(" "), to.region, to.country].filter(Boolean);
    const pieces = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    return html`<div class="head no-print"><h1>Slip and label <small class="mono">${number}</small></h1><div class="acts">${button({ key: "p", label: "Print", go: true, run: () => print() })}${button({ key: "b", label: "Back to the station", run: () => go(`/desk/pack/${number}`) })}</div></div>
      <div class="stack"><article class="sheet stack" aria-label="Packing slip">
        <h2>Packing slip</h2>${barcode(number)}<p class="mono">${number}</p>
        <p>Order <span class="mono">${order}</span>, reviewed ${day(passed)}</p>
        <table><caption class="vh">What is in the box</caption><thead><tr><th scope="col">What</th><th scope="col">SKU</th><th scope="col" class="r">Pieces</th><th scope="col" class="r">Packed</th></tr></thead>
          <tbody>${lines.map((line) => html`<tr><td>${line.title}</td><td class="mono">${line.sku}</td><td class="r">${line.quantity}</td><td class="r">☐</td></tr>`)}</tbody></table>
        <p><b>${count(pieces, "piece")}.</b> Freight and duties are paid by us: 0.00 USD for you.</p>
        <p class="soft">Something is wrong or missing? Write to us through Contact Us, with the number of the order.</p></article>
      <article class="sheet label" aria-label="Address label"><p class="d mono">${order}</p>${address.map((line, place) => html`<p>${place === 0 ? html`<b>${line}</b>` : line}</p>`)}${barcode(order)}</article></div>`;
  }
}

customElements.define("desk-slip", Slip);
