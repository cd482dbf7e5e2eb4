// What is printed at the pack station: the packing slip that goes into the box, and the address for its outside.

import { barcode } from "../barcode.js";
import { Page, go } from "../page.js";
import { button, html, parts, t, tn } from "../parts.js";
import { get } from "../session.js";
import { day } from "../words.js";

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
      { key: "p", label: t("print"), run: () => print() },
      { key: "b", label: t("back to the station"), run: () => go(`/desk/pack/${this.shipment.number}`), hidden: !this.shipment },
    ];
  }

  draw() {
    if (!this.shipment) return this.drawNone(t("Slip and label"), t("No shipment is open."));
    const { number, order_number: order, lines, destination: to, review_passed_at: passed } = this.shipment;
    const address = [to.name, to.company, to.line1, to.line2, [to.postal_code, to.city].filter(Boolean).join(" "), to.region, to.country].filter(Boolean);
    const pieces = lines.reduce((sum, { quantity }) => sum + quantity, 0);
    return html`<div class="head no-print"><h1>${t("Slip and label")} <small class="mono">${number}</small></h1><div class="acts">${button({ key: "p", label: t("Print"), go: true, run: () => print() })}${button({ key: "b", label: t("Back to the station"), run: () => go(`/desk/pack/${number}`) })}</div></div>
      <div class="stack"><article class="sheet stack" aria-label=${t("Packing slip")}>
        <h2>${t("Packing slip")}</h2>${barcode(number)}<p class="mono">${number}</p>
        <p>${parts("Order {number}, reviewed {day}", { number: html`<span class="mono">${order}</span>`, day: day(passed) })}</p>
        <table><caption class="vh">${t("What is in the box")}</caption><thead><tr><th scope="col">${t("What")}</th><th scope="col">${t("SKU")}</th><th scope="col" class="r">${t("Pieces")}</th><th scope="col" class="r">${t("Packed")}</th></tr></thead>
          <tbody>${lines.map((line) => html`<tr><td>${line.title}</td><td class="mono">${line.sku}</td><td class="r">${line.quantity}</td><td class="r">☐</td></tr>`)}</tbody></table>
        <p><b>${tn("{n} piece", "{n} pieces", pieces)}.</b> ${t("Freight and duties are paid by us: 0.00 USD for you.")}</p>
        <p class="soft">${t("Something is wrong or missing? Write to us through Contact Us, with the number of the order.")}</p></article>
      <article class="sheet label" aria-label=${t("Address label")}><p class="d mono">${order}</p>${address.map((line, place) => html`<p>${place === 0 ? html`<b>${line}</b>` : line}</p>`)}${barcode(order)}</article></div>`;
  }
}

customElements.define("desk-slip", Slip);
