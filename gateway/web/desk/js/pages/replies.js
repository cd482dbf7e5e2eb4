// Canned replies: texts with variables that answers are made of. Everybody has own ones; those of all are for leads.

import { filledIn } from "../given.js";
import { RowsPage, keyOf } from "../page.js";
import { at, button, html, nothing, parts, repeat, t, tag, tc, tn } from "../parts.js";
import { setsOf } from "../replies.js";
import { list, send, session } from "../session.js";
import { capital, person, words } from "../words.js";

const VARIABLES = ["customer.name", "ticket.number", "agent.name", "order.number", "order.total", "parcel.tracking_number", "parcel.carrier", "delivery.by", "return.number"];
const TOPICS = ["order_rules", "logistics_instructions", "returns", "refunds", "parameters", "materials", "usage", "matching", "service"];
const SETS = {
  then: [t("Whose turn it is then"), ["open", "waiting_customer", "waiting_internal"]],
  category: [t("Category"), ["product", "order", "logistics", "aftersales", "suggestion", "complaint"]],
  priority: [t("Priority"), ["low", "normal", "high", "urgent"]],
  resolve: [t("End it as"), ["answered", "solved", "duplicate"]],
};
const NEW = { id: null, scope: "own", name: "", text: "", version: null };

class Replies extends RowsPage {
  static properties = { edited: { state: true }, preview: { state: true } };
  static follows = ["support"];

  constructor() {
    super();
    Object.assign(this, { edited: null, preview: null });
  }

  get drafted() {
    return this.edited;
  }

  async load() {
    const { items, more } = await list("/v1/replies", this.most);
    this.more = more;
    this.rows = items.map((each) => ({ each, key: each.id, href: "/desk/replies", action: this.changes(each) ? { key: "e", label: tc("verb", "Change"), run: () => this.edit(each) } : null }));
  }

  changes({ scope }) {
    return scope === "own" || session.may("lead");
  }

  keys() {
    return [...super.keys().filter(({ key }) => key !== "Enter"), { key: "n", label: t("new reply"), run: () => this.edit(NEW) }];
  }

  edit(each) {
    Object.assign(this, { edited: each, preview: null });
    this.focusOn("#reply-name");
  }

  async save(event) {
    event.preventDefault();
    const given = filledIn(event.target);
    const { id, version } = this.edited;
    const done = await this.finish("edited", () => send("PUT", "/v1/replies", { ...given, ...(id ? { id } : {}) }, { version }), t("The reply is saved."));
    if (!done) this.seeAgain(id);
  }

  async drop() {
    const { id, version } = this.edited;
    const done = await this.finish("edited", () => send("DELETE", `/v1/replies/${id}`, {}, { version }), t("The reply is deleted."));
    if (!done) this.seeAgain(id);
  }

  /** What was changed meanwhile has been told: the next try is meant. What was typed stays. */
  seeAgain(id) {
    if (this.problem?.code !== "version_moved") return;
    this.edited = this.rows.find(({ key }) => key === id)?.each ?? this.edited;
  }

  /** Show the text that stands in the form as it would be sent for a ticket. */
  async look() {
    const ticket = this.querySelector("#reply-ticket").value.trim(), text = this.querySelector("#reply-text").value;
    if (ticket && text.trim()) await this.act(async () => (this.preview = await send("POST", "/v1/replies/preview", { ticket_number: ticket, text })));
  }

  draw() {
    return html`<div class="head"><h1>${t("Canned replies")} <small>${tn("{n} text; / in an empty answer puts one in", "{n} texts; / in an empty answer puts one in", this.rows.length)}</small></h1>${button({ key: "n", label: t("New reply"), run: () => this.edit(NEW) })}</div>
      ${repeat(this.edited ? [this.edited] : [], ({ id }) => id, (each) => this.drawForm(each))}
      ${this.rows.length === 0 ? html`<div class="box empty"><h2>${t("No reply was written yet.")}</h2></div>` : html`<div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">${t("Canned replies by name")}</caption><thead><tr><th scope="col">${t("Reply")}</th><th scope="col">${t("Whose")}</th><th scope="col">${t("Sets")}</th><th scope="col" class="r">${t("Used")}</th><th scope="col">${t("Saved")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${repeat(this.rows, keyOf, ({ each, action }, place) => html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td><span class="t">${each.name}</span><span class="d whole">${each.text.slice(0, 160)}</span></td>
          <td>${tag(each.scope === "shared" ? t("all") : t("own"))}${each.topic ? html`<span class="d">${capital(words(each.topic))}</span>` : nothing}</td><td>${capital(setsOf(each)) || t("nothing")}</td><td class="r">${each.uses}</td><td>${person(each.saved_by)}<span class="d">${at(each.saved_at)}</span></td>
          <td class="r">${action ? button({ ...action, run: () => { this.here = place; action.run(); } }) : nothing}</td></tr></tbody>`)}</table></div>`}${this.drawMore(this.more)}`;
  }

  drawForm(each) {
    const choice = (name, label, codes) => html`<div class="field"><label for="reply-${name}">${label}</label><select id="reply-${name}" name=${name}><option value="">${name === "topic" ? t("none") : t("as it is")}</option>${codes.map((code) => html`<option value=${code} ?selected=${code === each[name]}>${capital(words(code))}</option>`)}</select></div>`;
    return html`<form class="box in stack" @submit=${this.save}><h2>${each.id ? t("Change the reply") : t("New reply")}</h2>
      <div class="field"><label for="reply-name">${t("Name")}</label><input id="reply-name" name="name" required maxlength="120" autocomplete="off" .defaultValue=${each.name}></div>
      <div class="field"><label for="reply-text">${t("Text, as the customer reads it")}</label><textarea id="reply-text" name="text" rows="6" required minlength="20" maxlength="5000" .defaultValue=${each.text}></textarea></div>
      <p class="soft xs">${parts("Variables: {names} What has no value for a ticket stops the sending.", { names: VARIABLES.map((name) => html`<span class="mono">{${name}}</span> `) })}</p>
      <div class="field"><label for="reply-scope">${t("Whose it is")}</label><select id="reply-scope" name="scope"><option value="own" ?selected=${each.scope === "own"}>${t("Mine alone")}</option>${session.may("lead") ? html`<option value="shared" ?selected=${each.scope === "shared"}>${t("All staff's")}</option>` : nothing}</select></div>
      ${choice("topic", t("Topic"), TOPICS)}${Object.entries(SETS).map(([name, [label, codes]]) => choice(name, label, codes))}
      <div class="field"><label for="reply-ticket">${t("Try it: the number of a ticket")}</label><input id="reply-ticket" maxlength="60" autocomplete="off"></div>
      ${this.preview ? html`<div class="note" role="status"><p class="message">${this.preview.text}</p>${this.preview.missing.map(({ name, why }) => html`<p class="soft xs"><b class="mono">{${name}}</b>: ${why}</p>`)}</div>` : nothing}
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${t("Save")}<kbd aria-hidden="true">${t("Ctrl ↵")}</kbd></button>${button({ label: t("Show how it reads"), run: () => this.look() })}
        ${button({ label: t("Delete"), stop: true, run: () => this.drop(), hidden: !each.id, disabled: this.busy })}<button type="button" class="btn" @click=${() => (this.edited = null)}>${t("Back")}</button></div></form>`;
  }
}

customElements.define("desk-replies", Replies);
