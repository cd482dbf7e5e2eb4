// What staff may begin from an order: propose a change, write to the customer, ask for a return, and a few corrections.

import { filledIn } from "../given.js";
import { LitElement, html, nothing, t } from "../parts.js";
import { go } from "../page.js";
import { get, send } from "../session.js";
import { capital, words } from "../words.js";

const KINDS = { lines: t("Fewer pieces"), stock_short: t("Goods are missing"), address: t("Another address"), cancel: t("Cancel the order") };
const REASONS = ["changed_mind", "not_as_described", "defective", "damaged", "wrong_item", "missing_parts", "arrived_late", "other"];
const CATEGORIES = ["order", "logistics", "aftersales", "product", "complaint"];
const ADDRESS = [["name", t("Name"), true], ["line1", t("Street and number"), true], ["line2", t("More of the address")], ["postal_code", t("Postal code")], ["city", t("City")], ["region", t("State or region")], ["country", t("Country, two letters"), true]];
const TITLES = { change: t("Propose a change to the customer"), write: t("Write to the customer"), return: t("Ask for a return in the customer's name"), release: t("Release what it holds"), denial: t("The parcel is not delivered"), hold: t("Keep the order back") };
const HOLDS = ["fraud", "address", "goods", "customer_asked", "other"];
const DOES = { change: t("Ask the customer"), write: t("Send"), return: t("Ask for it"), release: t("Release"), denial: t("Record"), hold: t("Keep it back") };

class OrderStep extends LitElement {
  static properties = { form: { attribute: false }, order: { attribute: false }, parcel: { attribute: false }, page: { attribute: false }, asked: { attribute: false }, busy: { type: Boolean }, kind: { state: true } };

  constructor() {
    super();
    this.kind = "lines";
  }

  createRenderRoot() {
    return this;
  }

  /** The focus that is given to the step goes to its first field. */
  focus() {
    this.performUpdate();
    this.querySelector("select, input, textarea")?.focus();
  }

  async submit(event) {
    event.preventDefault();
    const given = filledIn(event.target);
    const { page, order } = this;
    let there = null;
    const said = { change: t("The customer is asked."), release: t("The pieces are free again."), denial: t("It is recorded; the delivery is taken back."), hold: t("Nothing of it leaves until it is let go.") }[this.form] ?? t("It is sent.");
    const done = await page.act(async () => (there = await this[this.form](order, given)), said);
    if (!done) return;
    page.form = null;
    if (page.stays) return;
    if (this.form === "write") go(`/desk/inbox/${there.number}`);
    if (this.form === "return") go(`/desk/returns/${there.number}`);
  }

  /** How many pieces of each line a form names. */
  counted(order, given) {
    return order.lines.map(({ sku }) => ({ sku, quantity: Number(given[`pieces-${sku}`] ?? 0) }));
  }

  change(order, { kind, reason, sku, quantity, ...given }) {
    const what = {
      lines: () => ({ lines: this.counted(order, given) }),
      stock_short: () => ({ sku, quantity: Number(quantity) }),
      address: () => ({ delivery: Object.fromEntries(ADDRESS.map(([name]) => [name, given[name]]).filter(([, value]) => value)) }),
      cancel: () => ({}),
    }[kind]();
    const asked = given.asked_here || given.asked_in;
    return send("POST", `/v1/orders/${order.number}/changes`, { kind, reason, ...what, ...(asked ? { asked_in: asked } : {}) }, { version: order.version });
  }

  write(order, { category, subject, message, asks }) {
    const { name, email, language } = order.contact;
    return send("POST", "/v1/tickets", { name, email, language, category, subject, message, order_number: order.number, asks: Boolean(asks) });
  }

  return(order, { reason, description, ...given }) {
    const lines = this.counted(order, given).filter(({ quantity }) => quantity > 0).map((line) => ({ ...line, reason }));
    return send("POST", "/v1/returns", { order_number: order.number, lines, ...(description ? { description } : {}) });
  }

  release(order, { reason }) {
    return send("POST", `/v1/orders/${order.number}/release`, { reason });
  }

  hold(order, { reason, note }) {
    return send("POST", `/v1/orders/${order.number}/hold`, { reason, note: note ?? "" }, { version: order.version });
  }

  async denial(order, { evidence }) {
    const { shipment, parcel } = this.parcel, { version } = await get(`/v1/shipments/${shipment.number}`);
    return send("POST", `/v1/shipments/${shipment.number}/parcels/${parcel.id}/non-delivery`, { evidence }, { version });
  }

  render() {
    return html`<form class="box in stack" @submit=${this.submit}><h2>${TITLES[this.form]}</h2>${this[`draw_${this.form}`](this.order)}
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${DOES[this.form]}</button><button type="button" class="btn" @click=${() => (this.page.form = null)}>${t("Back")}</button></div></form>`;
  }

  pieces(legend, most) {
    return html`<fieldset><legend>${legend}</legend>${this.order.lines.map(({ sku, title, quantity }) => html`<div class="field"><label for="pieces-${sku}">${t("{title} (of {quantity})", { title, quantity })}</label><input id="pieces-${sku}" name="pieces-${sku}" type="number" min="0" max=${quantity} value=${most ? quantity : 0}></div>`)}</fieldset>`;
  }

  draw_change(order) {
    const what = {
      lines: () => this.pieces(t("How many are to remain"), true),
      stock_short: () => html`<div class="field"><label for="sku">${t("What is missing")}</label><select id="sku" name="sku">${order.lines.map((line) => html`<option value=${line.sku}>${line.title}</option>`)}</select></div><div class="field"><label for="quantity">${t("How many are missing")}</label><input id="quantity" name="quantity" type="number" min="1" max="999" value="1" required></div>`,
      address: () => ADDRESS.map(([name, title, needed]) => html`<div class="field"><label for="to-${name}">${title}</label><input id="to-${name}" name=${name} maxlength=${name === "country" ? 2 : 200} ?required=${needed} .defaultValue=${order.delivery[name] ?? ""}></div>`),
      cancel: () => html`<p class="soft">${t("The customer gets everything back that was paid, if they agree.")}</p>`,
    }[this.kind]();
    return html`<div class="field"><label for="kind">${t("What is to change")}</label><select id="kind" name="kind" @change=${(event) => (this.kind = event.target.value)}>${Object.entries(KINDS).map(([kind, title]) => html`<option value=${kind} ?selected=${kind === this.kind}>${title}</option>`)}</select></div>${what}
      <div class="field"><label for="reason">${t("Why, in words for the customer")}</label><input id="reason" name="reason" required maxlength="500"></div>
      <div class="field"><label for="asked_in">${t("Number of the conversation in which the customer asked for it, if they did")}</label><input id="asked_in" name="asked_in" maxlength="20" placeholder="TIC-0000-0000-0"></div>
      ${this.asked ? html`<label class="choice"><input type="checkbox" name="asked_here" value=${this.asked}> ${t("The customer asked for it in this conversation, {asked}", { asked: this.asked })}</label>` : nothing}
      <p class="soft xs">${t("The customer decides. No answer changes nothing.")}</p>`;
  }

  draw_write() {
    return html`<div class="field"><label for="category">${t("About")}</label><select id="category" name="category">${CATEGORIES.map((each) => html`<option value=${each}>${capital(words(each))}</option>`)}</select></div>
      <div class="field"><label for="subject">${t("Subject")}</label><input id="subject" name="subject" required maxlength="200"></div>
      <label for="message">${t("Message")}</label><textarea id="message" name="message" rows="5" required minlength="20" maxlength="10000"></textarea>
      <label class="choice"><input type="checkbox" name="asks" value="1"> ${t("It asks something: it is the customer's turn then")}</label>`;
  }

  draw_return() {
    return html`${this.pieces(t("How many come back"), false)}<div class="field"><label for="reason">${t("Why")}</label><select id="reason" name="reason">${REASONS.map((reason) => html`<option value=${reason}>${capital(words(reason))}</option>`)}</select></div>
      <label for="description">${t("What the customer says")}</label><textarea id="description" name="description" rows="3" maxlength="4000"></textarea><p class="soft xs">${t("Another person decides about it.")}</p>`;
  }

  draw_release() {
    return html`<div class="field"><label for="reason">${t("Why")}</label><input id="reason" name="reason" required maxlength="200"></div><p class="soft xs">${t("Only an order whose payment has not begun can be released.")}</p>`;
  }

  draw_hold() {
    return html`<div class="field"><label for="reason">${t("Why")}</label><select id="reason" name="reason">${HOLDS.map((reason) => html`<option value=${reason}>${capital(words(reason))}</option>`)}</select></div>
      <div class="field"><label for="note">${t("What the next colleague should know")}</label><input id="note" name="note" maxlength="500"></div><p class="soft xs">${t("Nothing of it leaves. The time to dispatch goes on, and the customer is told nothing.")}</p>`;
  }

  draw_denial() {
    return html`<p class="soft mono">${this.parcel.parcel.tracking_number}</p><label for="evidence">${t("How we know that it is not delivered")}</label><textarea id="evidence" name="evidence" rows="2" required minlength="10" maxlength="2000"></textarea>${nothing}`;
  }
}

customElements.define("desk-order-step", OrderStep);
