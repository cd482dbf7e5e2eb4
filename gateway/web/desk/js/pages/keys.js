// API keys: by which systems of the shop ask, as what, since when. An admin makes and ends them.

import { RowsPage, keyOf } from "../page.js";
import { at, button, html, nothing, parts, repeat, t, tag, tc, tn } from "../parts.js";
import { get, send } from "../session.js";
import { words } from "../words.js";

const ROLES = ["agent", "reviewer", "warehouse", "aftersales"];

class Keys extends RowsPage {
  static properties = { form: { state: true }, made: { state: true }, ending: { state: true } };
  static follows = ["support"];

  constructor() {
    super();
    Object.assign(this, { form: false, made: null, ending: null });
  }

  get drafted() {
    return this.form;
  }

  async load() {
    const { items } = await get("/v1/api-keys");
    this.rows = items.map((row) => ({ ...row, key: row.id, href: "/desk/keys", action: { key: "e", label: tc("verb", "End"), run: () => this.ask(row) } }));
  }

  keys() {
    return [...super.keys().filter(({ key }) => key !== "Enter"), { key: "n", label: t("make a key"), run: () => this.show() }];
  }

  show() {
    this.form = true;
    this.focusOn("#key-name");
  }

  async make(event) {
    event.preventDefault();
    const given = new FormData(event.target), day = given.get("day"), name = given.get("name").trim();
    const wish = { name, roles: given.getAll("roles"), ends_at: day ? new Date(`${day}T23:59:59`).toISOString() : null };
    await this.finish("form", async () => (this.made = await send("POST", "/v1/api-keys", wish)), t("The key {name} is good from now on. All admins are told by mail.", { name }));
  }

  ask(row) {
    this.ending = row.id;
    this.focusOn("#key-end");
  }

  async end(row) {
    await this.act(() => send("DELETE", `/v1/api-keys/${encodeURIComponent(row.id)}`), t("The key {name} is refused from now on.", { name: row.name }));
    this.ending = null;
  }

  draw() {
    return html`<div class="head"><h1>${t("API keys")} <small>${tn("{n} key", "{n} keys", this.rows.length)}</small></h1>${button({ key: "n", label: t("Make a key"), run: () => this.show() })}</div>
      <p class="soft">${t("Systems of the shop ask with them, as staff of these roles. A key ends when who made it is no admin any more.")}</p>
      ${this.made ? this.drawSecret(this.made) : nothing}${this.form ? html`<div class="box in">${this.drawForm()}</div>` : nothing}
      ${this.rows.length === 0 ? html`<div class="box empty"><h2>${t("No system of the shop has a key.")}</h2></div>` : html`<div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">${t("API keys")}</caption><thead><tr><th scope="col">${t("Key")}</th><th scope="col">${t("Roles")}</th><th scope="col" data-named>${t("Last used")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${repeat(this.rows, keyOf, (row, place) => this.drawRow(row, place))}</table></div>`}`;
  }

  drawSecret({ key, secret }) {
    return html`<div class="note kept" role="status"><p>${t("The secret of {name} is shown only now. Keep it where that system reads it.", { name: key.name })}</p><p><code class="mono told">${secret}</code></p>
      <div class="acts">${navigator.clipboard ? button({ label: t("Copy"), run: () => navigator.clipboard.writeText(secret) }) : nothing}<button type="button" class="btn" @click=${() => (this.made = null)}>${t("I have kept it")}</button></div></div>`;
  }

  drawRow(row, place) {
    const ends = row.over ? tag(t("over"), "late") : row.ends_at ? html`<span class="d">${parts("good until {at}", { at: at(row.ends_at) })}</span>` : nothing;
    return html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td><b class="mono">${row.name}</b><span class="d">${parts("by {who}, {at}", { who: row.made_by, at: at(row.made_at) })}</span></td><td>${row.roles.map((role) => html`${tag(words(role))} `)}</td>
      <td>${row.used_at ? at(row.used_at) : t("never")}${ends}</td><td class="r">${button({ ...row.action })}</td></tr>
      ${this.ending === row.id ? html`<tr><td colspan="4"><p>${t("The system that asks with {name} is refused at once, for good.", { name: row.name })}</p><div class="acts"><button type="button" id="key-end" class="btn stop" ?disabled=${this.busy} @click=${() => this.end(row)}>${t("End it")}</button><button type="button" class="btn" @click=${() => (this.ending = null)}>${t("Back")}</button></div></td></tr>` : nothing}</tbody>`;
  }

  drawForm() {
    return html`<form class="stack" @submit=${this.make}><h2>${t("Make a key")}</h2>
      <div class="field"><label for="key-name">${t("Name: lower-case letters, digits, hyphens")}</label><input id="key-name" name="name" required maxlength="32" pattern="[a-z0-9]([a-z0-9\\-]*[a-z0-9])?" autocapitalize="none" autocomplete="off" spellcheck="false"></div>
      <fieldset><legend>${t("Roles")}</legend>${ROLES.map((role) => html`<label class="choice"><input type="checkbox" name="roles" value=${role}> ${words(role)}</label>`)}</fieldset>
      <div class="field"><label for="key-day">${t("Last day, if it has one")}</label><input id="key-day" name="day" type="date"></div>
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${t("Make")}</button><button type="button" class="btn" @click=${() => (this.form = false)}>${t("Back")}</button></div></form>`;
  }
}

customElements.define("desk-keys", Keys);
