// Discounts: codes with their terms. An admin declares them; agents see why a code works or not.

import { RowsPage, keyOf } from "../page.js";
import { at, button, html, nothing, parts, repeat, t, tag, tc, tn } from "../parts.js";
import { list, send, session } from "../session.js";
import { money } from "../words.js";

const NEW = { code: "", percent: null, amount: null, skus: [], minimum: null, valid_from: null, valid_until: null, uses: null, uses_per_customer: null, note: "", active: true };
const usd = (text) => (text ? { amount: Number(text).toFixed(2), currency: "USD" } : null);
const takes = ({ percent, amount }) => (amount ? money(amount) : `${percent} %`);
const mayDeclare = () => session.may("admin");

/** How it stands with a code: a tag, and its state's colour. */
function standing({ active, valid_from: from, valid_until: until, uses, used }) {
  const now = new Date().toISOString();
  if (!active) return tag(t("ended"));
  if (until && until <= now) return tag(t("over"), "late");
  if (uses !== null && used >= uses) return tag(t("used up"), "late");
  return from && from > now ? tag(t("not yet"), "risk") : tag(t("valid"), "kept");
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
    this.rows = items.map((row) => ({ ...row, key: row.code, href: "/desk/discounts", action: { key: "e", label: tc("verb", "Change"), run: () => this.show(row), hidden: !mayDeclare() } }));
  }

  keys() {
    return [...super.keys().filter(({ key }) => key !== "Enter"), { key: "n", label: t("declare a code"), run: () => this.show(NEW), hidden: !mayDeclare() }];
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
      skus: given("skus").split("\n").map((sku) => sku.trim()).filter(Boolean), uses: given("uses") ? Number(given("uses")) : null, uses_per_customer: given("per-customer") ? Number(given("per-customer")) : null,
      valid_from: given("from") || null, valid_until: given("until") || null, note: given("note"), active: new FormData(event.target).has("active"),
    };
    const done = await this.finish("form", () => send("PUT", `/v1/discounts/${encodeURIComponent(code)}`, wish, { version: isNew ? 0 : version }), t("{code} takes {share} off from now on.", { code, share: takes(wish) }));
    if (!done && this.form && !isNew && this.problem?.code === "version_moved") this.form = { ...this.form, ...this.rows.find((row) => row.code === code) }; // what was typed stays, the rest is theirs
  }

  draw() {
    return html`<div class="head"><h1>${t("Discounts")} <small>${tn("{n} code", "{n} codes", this.rows.length)}</small></h1>${button({ key: "n", label: t("Declare a code"), run: () => this.show(NEW), hidden: !mayDeclare() })}</div>
      <p class="soft">${t("Customers name a code when they order. Orders keep what they got, whatever becomes of the code; there is no other discount.")}</p>
      ${this.form?.isNew ? html`<div class="box in">${this.drawForm()}</div>` : nothing}
      ${this.rows.length === 0 ? html`<div class="box empty"><h2>${t("There are no codes.")}</h2></div>` : html`<div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">${t("Discount codes")}</caption><thead><tr><th scope="col">${t("Code")}</th><th scope="col">${t("Takes off")}</th><th scope="col">${t("When")}</th><th scope="col" class="r">${t("Used")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${repeat(this.rows, keyOf, (row, place) => this.drawRow(row, place))}</table></div>`}${this.drawMore(this.more)}`;
  }

  drawRow(row, place) {
    return html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td><b class="mono">${row.code}</b> ${standing(row)}<span class="d">${row.note}</span></td>
      <td>${takes(row)}<span class="d">${row.skus.length ? t("of {skus}", { skus: row.skus.join(", ") }) : t("of everything")}${row.minimum ? `, ${t("from {minimum} on", { minimum: money(row.minimum) })}` : ""}</span></td>
      <td>${row.valid_from ? html`${parts("from {at}", { at: at(row.valid_from) })} ` : nothing}${row.valid_until ? parts("until {at}", { at: at(row.valid_until) }) : row.valid_from ? nothing : html`<span class="soft">${t("always")}</span>`}</td>
      <td class="r">${row.used}${row.uses === null ? nothing : html` ${t("of {uses}", { uses: row.uses })}`}${row.uses_per_customer === null ? nothing : html`<span class="d">${t("at most {uses} of a customer", { uses: row.uses_per_customer })}</span>`}</td><td class="r">${button({ ...row.action })}</td></tr>
      ${this.form && this.form.code === row.code ? html`<tr><td colspan="5">${this.drawForm()}</td></tr>` : nothing}</tbody>`;
  }

  drawForm() {
    const { code, percent, amount, skus, minimum, valid_from: from, valid_until: until, uses, uses_per_customer: perCustomer, note, active, isNew } = this.form;
    const field = (id, label, value, more = {}) => html`<div class="field"><label for="discount-${id}">${label}</label><input id="discount-${id}" name=${id} .defaultValue=${value ?? ""} type=${more.type ?? "text"} min=${more.min ?? nothing} max=${more.max ?? nothing} step=${more.step ?? nothing} maxlength=${more.most ?? nothing} ?required=${more.required}></div>`;
    return html`<form class="stack" @submit=${this.save}><h2>${isNew ? t("Declare a code") : t("Change {code}", { code })}</h2>
      ${isNew ? field("code", t("Code: 4 to 32 letters, digits and hyphens"), "", { most: 32, required: true }) : nothing}
      ${field("takes", t("Takes off"), amount?.amount ?? percent, { type: "number", min: "0.01", step: "0.01", required: true })}
      <fieldset><legend>${t("That many")}</legend><label class="choice"><input type="radio" name="kind" value="percent" ?checked=${!amount}> ${t("percent")}</label><label class="choice"><input type="radio" name="kind" value="amount" ?checked=${Boolean(amount)}> ${t("USD, once an order")}</label></fieldset>
      <div class="field"><label for="discount-skus">${t("Of these products alone, a SKU in each line; empty: everything")}</label><textarea id="discount-skus" name="skus" rows="2" .defaultValue=${skus.join("\n")}></textarea></div>
      ${field("minimum", t("If these goods cost at least, in USD"), minimum?.amount, { type: "number", min: "0.01", step: "0.01" })}
      ${field("from", t("From that day on (UTC), as 2026-12-01; or a time with its zone"), from)}
      ${field("until", t("Until the end of that day, or second"), lastSecond(until))}
      ${field("uses", t("For so many orders; empty: any number"), uses, { type: "number", min: "1", step: "1" })}
      ${field("per-customer", t("For so many of one customer (by the mailbox of the order); empty: any number"), perCustomer, { type: "number", min: "1", max: "100", step: "1" })}
      ${field("note", t("Note for staff"), note, { most: 200 })}
      <label class="choice"><input type="checkbox" name="active" ?checked=${active}> ${t("It can be used")}</label>
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${t("Save")}</button><button type="button" class="btn" @click=${() => (this.form = null)}>${t("Back")}</button></div></form>`;
  }
}

/** The last second before a code is over: the form says until when, and the code has the first moment after. */
function lastSecond(until) {
  return until ? new Date(new Date(until).getTime() - 1000).toISOString().replace(".000", "") : "";
}

customElements.define("desk-discounts", Discounts);
