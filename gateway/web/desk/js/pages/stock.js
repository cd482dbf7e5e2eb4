// Stock: products, their counts, who holds pieces, every movement; an admin changes counts and imports a catalogue, and
// sees what an import would change before it does.

import { RowsPage, go, keyOf } from "../page.js";
import { at, button, facts, html, nothing, repeat, t, tag, tn } from "../parts.js";
import { get, list, send, sendFile, session } from "../session.js";
import { capital, money, person, words } from "../words.js";

const ware = (sku) => `/v1/wares/${encodeURIComponent(sku)}`;
const path = (sku) => `/v1/products/${encodeURIComponent(sku)}`;

/** How many can be sold; a few are marked, and none is, unless more can be ordered before they are here. */
const left = ({ available, low_stock: low, backorder }) => (available > 0 && !(low && available <= low) ? available
  : tag(available > 0 ? t("{available}, little is left", { available }) : backorder ? t("none, sold before it is here") : t("none"), available > 0 || backorder ? "risk" : "late"));

class Stock extends RowsPage {
  static properties = { file: { state: true }, imported: { state: true }, releasing: { state: true } };
  static follows = ["orders"];

  shut() {
    return { product: null, stock: null, ware: null, releasing: null };
  }

  constructor() {
    super();
    Object.assign(this, this.shut(), { file: null, imported: null, more: false });
  }

  get opened() {
    return this.stock && { number: this.stock.sku, version: this.stock.version };
  }

  things() {
    return [this.product, this.stock].filter(Boolean);
  }

  get q() {
    return new URLSearchParams(location.search).get("q") ?? "";
  }

  async load() {
    const sku = this.params[0];
    if (sku) {
      const asked = [get(path(sku)), get(`${path(sku)}/stock?limit=100`), this.mayPlace ? get(ware(sku)) : null];
      const [product, stock, known] = await Promise.all(asked);
      if (sku === this.params[0]) Object.assign(this, { product, stock, ware: known, rows: [], file: null });
      return;
    }
    const { items, more } = await list(`/v1/products${this.q ? `?q=${encodeURIComponent(this.q)}` : ""}`, this.most);
    if (!this.params[0]) Object.assign(this, { more, rows: items.map((each) => ({ ...each, key: each.sku, href: `/desk/stock/${encodeURIComponent(each.sku)}` })) });
  }

  /** Whether we say where products lie. */
  get mayPlace() {
    return session.may("warehouse", "lead");
  }

  /** Say where the product lies, and which code is printed on it. */
  place(event) {
    event.preventDefault();
    const { shelf, gtin } = Object.fromEntries(new FormData(event.target));
    const { sku, version } = this.ware;
    return this.act(() => send("PUT", ware(sku), { shelf: shelf.trim() || null, gtin: gtin.trim() || null }, { version }), t("Shelf and code are kept."));
  }

  look(event) {
    event.preventDefault();
    const q = new FormData(event.target).get("q").trim();
    go(`/desk/stock${q ? `?q=${encodeURIComponent(q)}` : ""}`);
  }

  async adjust(event) {
    event.preventDefault();
    const form = event.target, { delta, reason } = Object.fromEntries(new FormData(form));
    if (await this.act(() => send("POST", `${path(this.stock.sku)}/stock`, { delta: Number(delta), reason }, { version: this.stock.version }), t("The count is changed."))) form.reset();
  }

  /** Say until when and how many may be ordered before they are here; nothing: only what is in stock. */
  async sell(event) {
    event.preventDefault();
    const { until, most, low } = Object.fromEntries(new FormData(event.target)), { available, backorder, version, sku, ...known } = this.product;
    const terms = { backorder_until: until || null, backorder_at_most: most ? Number(most) : null, low_stock: low ? Number(low) : null };
    await this.act(() => send("PUT", path(sku), { ...known, ...terms }, { version }), t("It is sold like that from now on. Who waits is asked about a later day."));
  }

  ask(hold) {
    this.releasing = hold.order_number;
    this.focusOn("#release-reason");
  }

  async release(event) {
    event.preventDefault();
    const reason = new FormData(event.target).get("reason").trim();
    await this.finish("releasing", () => send("POST", `/v1/orders/${this.releasing}/release`, { reason }), t("The pieces are free again."));
  }

  /** Say what a file would change; nothing is changed yet. */
  async preview(event) {
    event.preventDefault();
    const file = event.target.elements.file.files[0];
    await this.act(async () => {
      Object.assign(this, { file: null, imported: null });
      const text = await file.text();
      this.file = { name: file.name, text, ...(await sendFile("/v1/products/import/preview", text, "text/csv")) };
    }, t("This is what would change."));
    if (this.file) this.focusOn(".preview .btn");
  }

  async importFile() {
    await this.act(async () => {
      this.imported = await sendFile("/v1/products/import", this.file.text, "text/csv");
      this.file = null;
    }, t("The catalogue is imported."));
  }

  draw() {
    if (this.stock) return this.drawProduct(this.product, this.stock);
    return this.away ? this.drawNone(t("Stock"), t("No product is open.")) : this.drawList();
  }

  drawList() {
    return html`<div class="head"><h1>${t("Stock")} <small>${this.more ? tn("{n} product and more", "{n} products and more", this.rows.length) : tn("{n} product", "{n} products", this.rows.length)}</small></h1>
        <form class="acts" role="search" @submit=${this.look}><label class="vh" for="q">${t("Title or SKU")}</label><input id="q" name="q" placeholder=${t("Title or SKU")} .value=${this.q}><button class="btn">${t("Look")}</button></form></div>
      ${session.may("admin") ? html`<form class="box in acts" @submit=${this.preview}><label for="file">${t("Import a catalogue (CSV: ours, Shopify's or WooCommerce's)")}</label><input id="file" name="file" type="file" accept=".csv,text/csv" required><button class="btn" ?disabled=${this.busy}>${t("See what would change")}</button></form>` : nothing}
      ${this.file ? this.drawPreview(this.file) : nothing}
      ${this.imported ? html`<div class="note kept" role="status"><p>${tn("{n} product added or changed, {unchanged} as before.", "{n} products added or changed, {unchanged} as before.", this.imported.imported - this.imported.unchanged, { unchanged: this.imported.unchanged })}</p></div>` : nothing}
      <div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">${t("Products")}</caption><thead><tr><th scope="col">${t("SKU")}</th><th scope="col">${t("Title")}</th><th scope="col" class="r">${t("For sale")}</th><th scope="col" class="r">${t("Price")}</th></tr></thead>
        <tbody>${this.long.draw("products", this.rows, keyOf, (each, place) => html`<tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td><a class="t mono" href=${each.href}>${each.sku}</a></td><td>${each.title}</td><td class="r">${left(each)}</td><td class="r">${money(each.price)}</td></tr>`)}</tbody></table></div>
      ${this.drawMore(this.more)}`;
  }

  drawPreview(file) {
    const fresh = file.changes.filter(({ is_new: isNew }) => isNew).length;
    return html`<section class="box preview draft" aria-label=${t("What would change")}><h2>${file.name}: ${file.imported - file.unchanged === 0 ? t("nothing would change") : tn("{n} product would be added or changed", "{n} products would be added or changed", file.imported - file.unchanged)} <span class="soft">${file.more ? t("{unchanged} as before; read as {format}", { unchanged: file.unchanged, format: file.format }) : t("{unchanged} as before, {fresh} new; read as {format}", { unchanged: file.unchanged, fresh, format: file.format })}</span></h2>
      ${file.changes.length ? html`<div class="scroll" tabindex="0" role="region" aria-label=${t("Changes")}><table><caption class="vh">${t("What the import would change")}</caption><thead><tr><th scope="col">${t("Product")}</th><th scope="col">${t("What")}</th><th scope="col">${t("Now")}</th><th scope="col">${t("Then")}</th></tr></thead>
        ${file.changes.map((change) => html`<tbody>${change.fields.map((each, place) => html`<tr>${place === 0 ? html`<th scope="rowgroup" rowspan=${change.fields.length}>${change.title} ${change.is_new ? tag(t("new"), "kept") : nothing}<span class="d mono">${change.sku}</span></th>` : nothing}<td>${capital(words(each.field))}</td><td class="soft whole">${each.before || "–"}</td><td class="whole"><b>${each.after || "–"}</b></td></tr>`)}</tbody>`)}</table></div>` : nothing}
      <div class="in stack">${file.more ? html`<p class="soft">${tn("And {n} product more.", "And {n} products more.", file.more)}</p>` : nothing}
        ${file.left_out.length ? html`<details><summary>${tn("{n} row left out", "{n} rows left out", file.left_out.length)}</summary><ul>${file.left_out.map((row) => html`<li>${t("Row {row}: {reason}", { row: row.row, reason: row.reason })}</li>`)}</ul></details>` : nothing}
        ${file.ignored_columns.length ? html`<p class="soft">${t("Columns that are not ours: {columns}", { columns: file.ignored_columns.join(", ") })}</p>` : nothing}
        <div class="acts">${button({ label: t("Import it"), go: true, run: () => this.importFile(), disabled: this.busy, hidden: file.imported === file.unchanged })}${button({ label: t("Leave it"), run: () => (this.file = null) })}</div></div></section>`;
  }

  drawProduct(product, stock) {
    return html`<div class="head"><h1>${product.title} <small class="mono">${product.sku}</small></h1>${tag(t("{available} for sale", { available: stock.available }), stock.available > 0 ? "kept" : "late")}${stock.is_low ? tag(t("little is left"), "risk") : nothing}</div>
      <div class="two"><div class="stack">
        ${stock.holds.length ? html`<section class="box scroll" tabindex="0" aria-label=${t("Held")}><h2>${t("Held")} <span class="soft">${tn("{n} order", "{n} orders", stock.holds.length)}</span></h2><table><caption class="vh">${t("Orders that hold pieces")}</caption><thead><tr><th scope="col">${t("Order")}</th><th scope="col" class="r">${t("Pieces")}</th><th scope="col">${t("State")}</th><th scope="col">${t("Until")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
          ${repeat(stock.holds, ({ order_number: number }) => number, (hold) => this.drawHold(hold))}</table></section>` : nothing}
        <section class="box scroll" tabindex="0" aria-label=${t("Movements")}><h2>${t("Movements")} <span class="soft">${t("the newest first")}</span></h2><table><caption class="vh">${t("Stock ledger")}</caption><thead><tr><th scope="col">${t("When")}</th><th scope="col">${t("What")}</th><th scope="col" class="r">${t("On hand")}</th><th scope="col" class="r">${t("Promised")}</th><th scope="col">${t("By")}</th></tr></thead>
          <tbody>${repeat(stock.items, ({ id }) => id, (move) => html`<tr><td>${at(move.at)}</td><td>${capital(words(move.cause))}<span class="d">${move.reference}</span></td><td class="r">${move.on_hand_delta || ""}</td><td class="r">${move.reserved_delta || ""}</td><td>${words(person(move.actor))}</td></tr>`)}</tbody></table></section>
      </div><aside class="stack" aria-label=${t("Counts")}><section class="box"><h2>${t("Counts")}</h2><div class="in">${facts([t("On hand"), stock.on_hand], [t("Promised"), stock.reserved], [t("For sale"), stock.available], [t("Waited for"), stock.backordered || null], [t("Expected by"), product.backorder_until], [t("Scrapped"), stock.scrapped], [t("Price"), money(product.price)])}</div></section>
        ${session.may("admin") ? html`<form class="box in stack" @submit=${this.adjust}><div class="field"><label for="delta">${t("Change the count by")}</label><input id="delta" name="delta" type="number" required></div><div class="field"><label for="reason">${t("Why")}</label><input id="reason" name="reason" required maxlength="200"></div><button class="btn" ?disabled=${this.busy}>${t("Change")}</button></form>` : nothing}
        ${session.may("admin") ? html`<form class="box in stack" @submit=${this.sell}><p class="soft">${t("Sold before it is here: both, or neither")}</p><div class="field"><label for="until">${t("Expected by")}</label><input id="until" name="until" type="date" .value=${product.backorder_until ?? ""}></div><div class="field"><label for="most">${t("At most, of all orders")}</label><input id="most" name="most" type="number" min="1" .value=${product.backorder_at_most ?? ""}></div><div class="field"><label for="low">${t("Little is left at")}</label><input id="low" name="low" type="number" min="1" .value=${product.low_stock ?? ""}></div><button class="btn" ?disabled=${this.busy}>${t("Keep")}</button></form>` : nothing}
        ${this.ware ? html`<form class="box in stack" @submit=${this.place}><div class="field"><label for="shelf">${t("Shelf")}</label><input id="shelf" name="shelf" maxlength="40" .value=${this.ware.shelf ?? ""}></div><div class="field"><label for="gtin">${t("GTIN, as below the bars")}</label><input id="gtin" name="gtin" inputmode="numeric" maxlength="18" .value=${this.ware.gtin ?? ""}></div><button class="btn" ?disabled=${this.busy}>${t("Keep")}</button></form>` : nothing}
        ${this.drawFacts(product)}</aside></div>`;
  }

  drawHold(hold) {
    return html`<tbody><tr><td><a class="mono" href="/desk/orders/${hold.order_number}">${hold.order_number}</a></td><td class="r">${hold.quantity}</td><td>${words(hold.status)}</td><td>${hold.held_until ? at(hold.held_until) : t("it leaves")}</td><td class="r">${button({ label: t("Release"), run: () => this.ask(hold), hidden: hold.status !== "awaiting_payment" || !session.may("reviewer") })}</td></tr>
      ${this.releasing === hold.order_number ? html`<tr><td colspan="5"><form class="stack" @submit=${this.release}><div class="field"><label for="release-reason">${t("Why its pieces are set free")}</label><input id="release-reason" name="reason" required maxlength="500"></div><div class="acts"><button class="btn go" ?disabled=${this.busy}>${t("Set them free")}</button><button type="button" class="btn" @click=${() => (this.releasing = null)}>${t("Back")}</button></div></form></td></tr>` : nothing}</tbody>`;
  }

  /** What customers ask about: an agent answers from here. */
  drawFacts(product) {
    return html`<section class="box"><h2>${t("Facts")}</h2><div class="in">${facts([t("Materials"), product.materials], [t("Usage"), product.usage], ...Object.entries(product.parameters), [t("Goes with"), product.matches.length ? product.matches.map((sku) => html`<a class="mono" href="/desk/stock/${encodeURIComponent(sku)}">${sku}</a> `) : null], [t("Weight"), `${product.weight_g} g`])}</div></section>`;
  }
}

customElements.define("desk-stock", Stock);
