// Stock: products, their counts, who holds pieces, every movement; an admin changes counts and imports a catalogue.

import { RowsPage, at, button, facts, html, nothing, tag } from "../parts.js";
import { get, list, send, sendFile, session } from "../session.js";
import { capital, count, money, person, words } from "../words.js";

class Stock extends RowsPage {
  static properties = { q: { state: true }, imported: { state: true } };

  constructor() {
    super();
    Object.assign(this, { q: "", product: null, stock: null, imported: null, more: false });
  }

  async load() {
    const sku = this.params[0];
    if (sku) {
      [this.product, this.stock] = await Promise.all([get(`/v1/products/${encodeURIComponent(sku)}`), get(`/v1/products/${encodeURIComponent(sku)}/stock`)]);
      this.rows = [];
      return;
    }
    const { items, more } = await list(`/v1/products${this.q ? `?q=${encodeURIComponent(this.q)}` : ""}`, 200);
    Object.assign(this, { product: null, stock: null, more, rows: items.map((each) => ({ ...each, href: `/desk/stock/${encodeURIComponent(each.sku)}` })) });
  }

  look(event) {
    event.preventDefault();
    this.q = new FormData(event.target).get("q").trim();
    this.reload();
  }

  async adjust(event) {
    event.preventDefault();
    const form = event.target, { delta, reason } = Object.fromEntries(new FormData(form));
    const path = `/v1/products/${encodeURIComponent(this.stock.sku)}/stock`;
    if (await this.act(() => send("POST", path, { delta: Number(delta), reason }, { version: this.stock.version }), "The count is changed.")) form.reset();
  }

  async release(hold) {
    await this.act(() => send("POST", `/v1/orders/${hold.order_number}/release`, { reason: "released at the desk" }), "The pieces are free again.");
  }

  async importFile(event) {
    event.preventDefault();
    const file = event.target.elements.file.files[0];
    await this.act(async () => {
      this.imported = await sendFile("/v1/products/import", await file.text(), "text/csv");
    }, "The catalogue is imported.");
  }

  draw() {
    return this.stock ? this.drawProduct(this.product, this.stock) : this.drawList();
  }

  drawList() {
    return html`<div class="head"><h1>Stock <small>${count(this.rows.length, "product")}</small></h1>
        <form class="acts" role="search" @submit=${this.look}><label class="vh" for="q">Title or SKU</label><input id="q" name="q" placeholder="Title or SKU" .value=${this.q}><button class="btn">Look</button></form></div>
      ${session.may("admin") ? html`<form class="box in acts" @submit=${this.importFile}><label for="file">Import a catalogue (CSV: ours, Shopify's or WooCommerce's)</label><input id="file" name="file" type="file" accept=".csv,text/csv" required><button class="btn" ?disabled=${this.busy}>Import</button></form>` : nothing}
      ${this.imported ? html`<div class="note kept" role="status"><p>${count(this.imported.imported, "product")} changed, ${this.imported.unchanged} as before.</p>${this.imported.left_out.length ? html`<ul>${this.imported.left_out.map((row) => html`<li>Row ${row.row}: ${row.reason}</li>`)}</ul>` : nothing}${this.imported.ignored_columns.length ? html`<p class="soft">Columns that are not ours: ${this.imported.ignored_columns.join(", ")}</p>` : nothing}</div>` : nothing}
      <div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">Products</caption><thead><tr><th scope="col">SKU</th><th scope="col">Title</th><th scope="col" class="r">Price</th><th scope="col" class="r">For sale</th></tr></thead>
        <tbody>${this.rows.map((each, place) => html`<tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td><a class="t mono" href=${each.href}>${each.sku}</a></td><td>${each.title}</td><td class="r">${money(each.price)}</td><td class="r">${each.available}</td></tr>`)}</tbody></table></div>
      ${this.more ? html`<p class="soft">The first ${this.rows.length} are shown.</p>` : nothing}`;
  }

  drawProduct(product, stock) {
    return html`<div class="head"><h1>${product.title} <small class="mono">${product.sku}</small></h1>${tag(`${stock.available} for sale`, stock.available > 0 ? "kept" : "late")}</div>
      <div class="two"><div class="stack">
        ${stock.holds.length ? html`<section class="box scroll" tabindex="0"><h2>Held <span class="soft">${count(stock.holds.length, "order")}</span></h2><table><caption class="vh">Orders that hold pieces</caption><thead><tr><th scope="col">Order</th><th scope="col" class="r">Pieces</th><th scope="col">State</th><th scope="col">Until</th><th scope="col"><span class="vh">Action</span></th></tr></thead>
          <tbody>${stock.holds.map((hold) => html`<tr><td><a class="mono" href="/desk/orders/${hold.order_number}">${hold.order_number}</a></td><td class="r">${hold.quantity}</td><td>${words(hold.status)}</td><td>${hold.held_until ? at(hold.held_until) : "it leaves"}</td><td class="r">${button({ label: "Release", run: () => this.release(hold), hidden: hold.status !== "awaiting_payment" || !session.may("reviewer") })}</td></tr>`)}</tbody></table></section>` : nothing}
        <section class="box scroll" tabindex="0"><h2>Movements <span class="soft">the newest first</span></h2><table><caption class="vh">Stock ledger</caption><thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col" class="r">On hand</th><th scope="col" class="r">Promised</th><th scope="col">By</th></tr></thead>
          <tbody>${stock.items.map((move) => html`<tr><td>${at(move.at)}</td><td>${capital(words(move.cause))}<span class="d">${move.reference}</span></td><td class="r">${move.on_hand_delta || ""}</td><td class="r">${move.reserved_delta || ""}</td><td>${person(move.actor)}</td></tr>`)}</tbody></table></section>
      </div><aside class="stack" aria-label="Counts"><section class="box"><h2>Counts</h2><div class="in">${facts(["On hand", stock.on_hand], ["Promised", stock.reserved], ["For sale", stock.available], ["Scrapped", stock.scrapped], ["Price", money(product.price)])}</div></section>
        ${session.may("admin") ? html`<form class="box in stack" @submit=${this.adjust}><div class="field"><label for="delta">Change the count by</label><input id="delta" name="delta" type="number" required></div><div class="field"><label for="reason">Why</label><input id="reason" name="reason" required maxlength="200"></div><button class="btn" ?disabled=${this.busy}>Change</button></form>` : nothing}</aside></div>`;
  }
}

customElements.define("desk-stock", Stock);
