// The pick list: what to take from which shelf for the boxes that are to be packed, and the papers of those boxes.

import { Page } from "../page.js";
import { button, html, nothing, save } from "../parts.js";
import { get, send } from "../session.js";
import { count } from "../words.js";

const AT_ONCE = 20; // boxes whose papers are printed together

class Pick extends Page {
  static follows = ["logistics", "orders"];
  static properties = { list: { state: true } };

  constructor() {
    super();
    this.list = null;
  }

  async load() {
    this.list = await get("/v1/pick-list");
  }

  keys() {
    const none = !this.list?.rows.length;
    return [
      { key: "p", label: "print the list", run: () => this.print(), hidden: none },
      { key: "a", label: "print slips and labels", run: () => this.printBoxes(), hidden: none },
    ];
  }

  /** The boxes whose papers are printed at once: the next dispatch first. */
  get boxes() {
    return this.list.shipments.slice(0, AT_ONCE);
  }

  print() {
    return this.act(async () => save(await get("/v1/pick-list.pdf"), "pick-list.pdf"), "The file is saved.");
  }

  printBoxes() {
    const numbers = this.boxes;
    return this.act(async () => {
      for (const kind of ["packing-slip", "address-label"]) save(await send("POST", "/v1/shipments/documents", { numbers, kind }), `${kind}s.pdf`);
    }, `Slips and labels of ${count(numbers.length, "box", "boxes")} are saved.`);
  }

  draw() {
    if (!this.list) return this.drawNone("Pick", "Nothing is to be picked.");
    const { rows, pieces, shipments, on_hold: held, more } = this.list;
    return html`<div class="head"><h1>Pick <small>${count(pieces, "piece")} for ${count(shipments.length, "box", "boxes")}${held ? html`; ${held} on hold` : nothing}</small></h1>
        ${rows.length ? html`<div class="acts">${button({ key: "p", label: "Print the list", go: true, run: () => this.print(), disabled: this.busy })}${button({ key: "a", label: this.boxes.length < shipments.length ? `Slips and labels of the first ${AT_ONCE}` : "Slips and labels", run: () => this.printBoxes(), disabled: this.busy })}</div>` : nothing}</div>
      ${rows.length === 0 ? html`<div class="box empty"><h2>Nothing is to be picked.</h2></div>` : html`<div class="box scroll" tabindex="0"><table><caption class="vh">What to take from which shelf</caption>
        <thead><tr><th scope="col">Shelf</th><th scope="col">What</th><th scope="col" class="r">Pieces</th><th scope="col">Boxes</th></tr></thead>
        <tbody>${this.long.draw("shelves", rows, ({ sku }) => sku, (row) => html`<tr><td class="mono">${row.shelf ?? html`<span class="soft">none</span>`}</td><td>${row.title}<span class="d mono"><a href="/desk/stock/${encodeURIComponent(row.sku)}">${row.sku}</a></span></td><td class="r"><b>${row.pieces}</b></td>
          <td>${row.boxes.map((box) => html`<span class="d"><a class="mono" href="/desk/pack/${box.shipment_number}">${box.shipment_number}</a> × ${box.pieces}</span>`)}</td></tr>`)}</tbody></table></div>
        ${more ? html`<p class="soft">More boxes wait than fit on one list: the rest comes when these are packed.</p>` : nothing}`}`;
  }
}

customElements.define("desk-pick", Pick);
