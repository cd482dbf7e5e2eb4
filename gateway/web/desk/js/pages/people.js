// People: who works here and as what. An admin adds, changes and deactivates them; what they did stays recorded.

import { RowsPage, keyOf } from "../page.js";
import { button, html, nothing, repeat, t, tag, tc, tn } from "../parts.js";
import { get, send, session } from "../session.js";
import { person, words } from "../words.js";

const ROLES = { agent: t("Agent: answers customers"), reviewer: t("Reviewer: reviews orders"), warehouse: t("Warehouse: packs and sends"), aftersales: t("After-sales: returns"), lead: t("Lead: decides what others may not"), admin: t("Admin: all of it, people and operations") };
const path = (email) => `/v1/staff/${encodeURIComponent(email)}`;

class People extends RowsPage {
  static properties = { form: { state: true } };
  static follows = ["support"];

  constructor() {
    super();
    this.form = null;
  }

  get drafted() {
    return this.form;
  }

  async load() {
    const { items } = await get("/v1/staff");
    const order = (one, other) => Number(other.active) - Number(one.active) || one.email.localeCompare(other.email);
    this.rows = items.sort(order).map((person) => ({ ...person, key: person.email, href: "/desk/people", action: { key: "e", label: person.active ? tc("verb", "Change") : t("Take back"), run: () => this.show(person) } }));
  }

  keys() {
    return [...super.keys().filter(({ key }) => key !== "Enter"), { key: "n", label: t("add somebody"), run: () => this.show({ email: "", name: "", roles: [] }) }];
  }

  show(person) {
    this.form = { ...person, isNew: !person.email };
    this.focusOn("#person-email:not([readonly]), #person-name");
  }

  /** A person who was changed meanwhile is refused once: what you see then is what your next try changes. */
  async save(event) {
    event.preventDefault();
    const given = new FormData(event.target), { version, isNew } = this.form;
    const email = isNew ? given.get("email").trim().toLowerCase() : this.form.email;
    const wish = { name: given.get("name").trim(), roles: given.getAll("roles") };
    const done = await this.finish("form", () => send("PUT", path(email), wish, { version: isNew ? null : version }), t("{email} works here as {roles}.", { email, roles: wish.roles.map(words).join(", ") }));
    if (!done && this.form?.email === email && this.problem?.code === "version_moved") this.form = { ...this.form, ...this.rows.find((row) => row.email === email) };
  }

  async deactivate(person) {
    await this.finish("form", () => send("DELETE", path(person.email)), t("{email} is deactivated; their sessions are over.", { email: person.email }));
  }

  async resetFactor(person) {
    await this.finish("form", () => send("DELETE", `${path(person.email)}/second-factor`), t("{email} has no second factor now, and is told.", { email: person.email }));
  }

  draw() {
    return html`<div class="head"><h1>${t("People")} <small>${tn("{n} person works here", "{n} people work here", this.rows.filter(({ active }) => active).length)}</small></h1>${button({ key: "n", label: t("Add somebody"), run: () => this.show({ email: "", name: "", roles: [] }) })}</div>
      ${this.form?.isNew ? html`<div class="box in">${this.drawForm()}</div>` : nothing}
      <div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">${t("Who works and worked here")}</caption><thead><tr><th scope="col">${t("Person")}</th><th scope="col">${t("Roles")}</th><th scope="col">${t("Second factor")}</th><th scope="col">${t("Signed in")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${repeat(this.rows, keyOf, (row, place) => html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td><b>${row.name}</b>${row.active ? nothing : html` ${tag(t("deactivated"))}`}<span class="d">${row.email}</span></td><td>${row.roles.map(words).join(", ")}</td><td>${row.second_factor ? tag(t("set up"), "kept") : tag(t("none"), row.roles.some((role) => ["lead", "admin"].includes(role)) ? "risk" : "")}</td><td>${row.sessions ? tn("{n} place", "{n} places", row.sessions) : html`<span class="soft">${t("no")}</span>`}</td>
          <td class="r">${button({ ...row.action })}</td></tr>${this.form && this.form.email === row.email ? html`<tr><td colspan="5">${this.drawForm()}</td></tr>` : nothing}</tbody>`)}</table></div>`;
  }

  drawForm() {
    const { email, name, roles, isNew, active, second_factor: factor } = this.form;
    return html`<form class="stack" @submit=${this.save}><h2>${isNew ? t("Add somebody") : t("Change {email}", { email })}</h2>
      ${isNew ? html`<div class="field"><label for="person-email">${t("E-mail address: codes to sign in go there")}</label><input id="person-email" name="email" type="email" required maxlength="254"></div>` : nothing}
      <div class="field"><label for="person-name">${t("Name")}</label><input id="person-name" name="name" required maxlength="120" .defaultValue=${name}></div>
      <fieldset><legend>${t("Works as")}</legend>${Object.entries(ROLES).map(([role, label]) => html`<label class="choice"><input type="checkbox" name="roles" value=${role} ?checked=${roles.includes(role)}> ${label}</label>`)}</fieldset>
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${isNew ? t("Add") : active ? t("Save") : t("Take back")}</button><button type="button" class="btn" @click=${() => (this.form = null)}>${t("Back")}</button>
        ${button({ label: t("Remove the second factor"), run: () => this.resetFactor(this.form), hidden: isNew || !factor })}
        ${button({ label: t("Deactivate"), stop: true, run: () => this.deactivate(this.form), hidden: isNew || !active || email === session.email })}</div>
      ${email === session.email ? html`<p class="soft xs">${t("Another admin deactivates you.")}</p>` : nothing}</form>`;
  }
}

customElements.define("desk-people", People);
