// Discounts: codes with their terms. An admin declares them; agents see why a code works or not.

import { RowsPage, keyOf } from "../page.js";
import { at, button, html, nothing, repeat, tag } from "../parts.js";
import { list, send, session } from "../session.js";
import { count, money } from "../words.js";

const NEW = { code: "", percent: null, amount: null, skus: [], minimum: null, valid_from: null, valid_until: null, uses: null, note: "", active: true };
const usd = (text) => (text ? { amount: Number(text).toFixed(2), currency: "USD" } : null);
const takes = ({ percent, amount }) => (amount ? money(amount) : `${percent} %`);
const mayDeclare = () => session.may("admin");

/** How it stands with a code: a tag, and its state's colour. */
function standing({ active, valid_from: from, valid_until: until, uses, used }) {
  const now = new Date().toISOString();
  if (!active) return tag("ended");
  if (until && until <= now) return tag("over", "late");
  if (uses !== null && used >= uses) return tag("used up", "late");
  return from && from > now ? tag("not yet", "risk") : tag("valid", "kept");
}

class Discounts extends RowsPage {
  static properties = { form: { state: true } };
  static follows = ["orders"];

  constructor() {
    super();
    Object.assign(this, { form: null, more: false });
  }

  get drafted() {
    return this.form;
  }

  async load() {
    const { items, more } = await list("/v1/discounts", this.most);
    this.more = more;
    this.rows = items.map((row) => ({ ...row, key: row.code, href: "/desk/discounts", action: { key: "e", label: "Change", run: () => this.show(row), hidden: !mayDeclare() } }));
  }

  keys() {
    return [...super.keys().filter(({ key }) => key !== "Enter"), { key: "n", label: "declare a code", run: () => this.show(NEW), hidden: !mayDeclare() }];
  }

  show(row) {
    this.form = { ...row, isNew: !row.code };
    this.focusOn("#discount-code:not([readonly]), #discount-takes");
  }

  async save(event) {
    event.preventDefault();
    const given = (name) => new FormData(event.target).get(name)?.trim() ?? "";
    const { isNew, version } = this.form, code = isNew ? given("code").toUpperCase() : this.form.code;
    const inPercent = given("kind") === "percent";
    const wish = {
      percent: inPercent ? Number(given("takes")) : null, amount: inPercent ? null : usd(given("takes")), minimum: usd(given("minimum")),
      skus: given("skus").split("\n").map((sku) => sku.trim()).filter(Boolean), uses: given("uses") ? Number(given("uses")) : null,
      valid_from: given("from") || null, valid_until: given("until") || null, note: given("note"), active: new FormData(event.target).has("active"),
    };
    if (await this.act(() => send("PUT", `/v1/discounts/${encodeURIComponent(code)}`, wish, { version: isNew ? 0 : version }), `${code} takes ${inPercent ? `${wish.percent} %` : money(wish.amount)} off from now on.`)) this.form = null;
    else if (this.form && !isNew && this.problem?.code === "version_moved") this.form = { ...this.form, ...this.rows.find((row) => row.code === code) }; // what was typed stays, the rest is theirs
  }

  draw() {
    return html`<div class="head"><h1>Discounts <small>${count(this.rows.length, "code")}</small></h1>${button({ key: "n", label: "Declare a code", run: () => this.show(NEW), hidden: !mayDeclare() })}</div>
      <p class="soft">Customers name a code when they order. Orders keep what they got, whatever becomes of the code; there is no other discount.</p>
      ${this.form?.isNew ? html`<div class="box in">${this.drawForm()}</div>` : nothing}
      ${this.rows.length === 0 ? html`<div class="box empty"><h2>There are no codes.</h2></div>` : html`<div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">Discount codes</caption><thead><tr><th scope="col">Code</th><th scope="col">Takes off</th><th scope="col">When</th><th scope="col" class="r">Used</th><th scope="col"><span class="vh">Action</span></th></tr></thead>
        ${repeat(this.rows, keyOf, (row, place) => this.drawRow(row, place))}</table></div>`}${this.drawMore(this.more)}`;
  }

  drawRow(row, place) {
    return html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td><b class="mono">${row.code}</b> ${standing(row)}<span class="d">${row.note}</span></td>
      <td>${takes(row)}<span class="d">${row.skus.length ? `of ${row.skus.join(", ")}` : "of everything"}${row.minimum ? `, from ${money(row.minimum)} on` : ""}</span></td>
      <td>${row.valid_from ? html`from ${at(row.valid_from)} ` : nothing}${row.valid_until ? html`until ${at(row.valid_until)}` : row.valid_from ? nothing : html`<span class="soft">always</span>`}</td>
      <td class="r">${row.used}${row.uses === null ? nothing : html` of ${row.uses}`}</td><td class="r">${button({ ...row.action })}</td></tr>
      ${this.form && this.form.code === row.code ? html`<tr><td colspan="5">${this.drawForm()}</td></tr>` : nothing}</tbody>`;
  }

  drawForm() {
    const { code, percent, amount, skus, minimum, valid_from: from, valid_until: until, uses, note, active, isNew } = this.form;
    const field = (id, label, value, more = {}) => html`<div class="field"><label for="discount-${id}">${label}</label><input id="discount-${id}" name=${id} .defaultValue=${value ?? ""} type=${more.type ?? "text"} min=${more.min ?? nothing} step=${more.step ?? nothing} maxlength=${more.most ?? nothing} ?required=${more.required}></div>`;
    return html`<form class="stack" @submit=${this.save}><h2>${isNew ? "Declare a code" : `Change ${code}`}</h2>
      ${isNew ? field("code", "Code: 4 to 32 letters, digits and hyphens", "", { most: 32, required: true }) : nothing}
      ${field("takes", "Takes off", amount?.amount ?? percent, { type: "number", min: "0.01", step: "0.01", required: true })}
      <fieldset><legend>That many</legend><label class="choice"><input type="radio" name="kind" value="percent" ?checked=${!amount}> percent</label><label class="choice"><input type="radio" name="kind" value="amount" ?checked=${Boolean(amount)}> USD, once an order</label></fieldset>
      <div class="field"><label for="discount-skus">Of these products alone, a SKU in each line; empty: everything</label><textarea id="discount-skus" name="skus" rows="2" .defaultValue=${skus.join("\n")}></textarea></div>
      ${field("minimum", "If these goods cost at least, in USD", minimum?.amount, { type: "number", min: "0.01", step: "0.01" })}
      ${field("from", "From that day on (UTC), as 2026-12-01; or a time with its zone", from)}
      ${field("until", "Until the end of that day, or second", lastSecond(until))}
      ${field("uses", "For so many orders; empty: any number", uses, { type: "number", min: "1", step: "1" })}
      ${field("note", "Note for staff", note, { most: 200 })}
      <label class="choice"><input type="checkbox" name="active" ?checked=${active}> It can be used</label>
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>Save</button><button type="button" class="btn" @click=${() => (this.form = null)}>Back</button></div></form>`;
  }
}

/** The last second before a code is over: the form says until when, and the code has the first moment after. */
function lastSecond(until) {
  return until ? new Date(new Date(until).getTime() - 1000).toISOString().replace(".000", "") : "";
}

customElements.define("desk-discounts", Discounts);
