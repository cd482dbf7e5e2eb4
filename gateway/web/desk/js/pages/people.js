// People: who works here and as what. An admin adds, changes and deactivates them; what they did stays recorded.

import { RowsPage, keyOf } from "../page.js";
import { button, html, nothing, repeat, tag } from "../parts.js";
import { get, send, session } from "../session.js";
import { count } from "../words.js";

const ROLES = { agent: "Agent: answers customers", reviewer: "Reviewer: reviews orders", warehouse: "Warehouse: packs and sends", aftersales: "After-sales: returns", lead: "Lead: decides what others may not", admin: "Admin: all of it, people and operations" };
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
    this.rows = items.sort(order).map((person) => ({ ...person, key: person.email, href: "/desk/people", action: { key: "e", label: person.active ? "Change" : "Take back", run: () => this.show(person) } }));
  }

  keys() {
    return [...super.keys().filter(({ key }) => key !== "Enter"), { key: "n", label: "add somebody", run: () => this.show({ email: "", name: "", roles: [] }) }];
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
    if (await this.act(() => send("PUT", path(email), wish, { version: isNew ? null : version }), `${email} works here as ${wish.roles.join(", ")}.`)) this.form = null;
    else if (this.form?.email === email) this.form = { ...this.form, ...this.rows.find((row) => row.email === email) };
  }

  async deactivate(person) {
    if (await this.act(() => send("DELETE", path(person.email)), `${person.email} is deactivated; their sessions are over.`)) this.form = null;
  }

  async resetFactor(person) {
    if (await this.act(() => send("DELETE", `${path(person.email)}/second-factor`), `${person.email} has no second factor now, and is told.`)) this.form = null;
  }

  draw() {
    return html`<div class="head"><h1>People <small>${count(this.rows.filter(({ active }) => active).length, "person works", "people work")} here</small></h1>${button({ key: "n", label: "Add somebody", run: () => this.show({ email: "", name: "", roles: [] }) })}</div>
      ${this.form?.isNew ? html`<div class="box in">${this.drawForm()}</div>` : nothing}
      <div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">Who works and worked here</caption><thead><tr><th scope="col">Person</th><th scope="col">Roles</th><th scope="col">Second factor</th><th scope="col">Signed in</th><th scope="col"><span class="vh">Action</span></th></tr></thead>
        ${repeat(this.rows, keyOf, (row, place) => html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td><b>${row.name}</b>${row.active ? nothing : html` ${tag("deactivated")}`}<span class="d">${row.email}</span></td><td>${row.roles.join(", ")}</td><td>${row.second_factor ? tag("set up", "kept") : tag("none", row.roles.some((role) => ["lead", "admin"].includes(role)) ? "risk" : "")}</td><td>${row.sessions ? count(row.sessions, "place") : html`<span class="soft">no</span>`}</td>
          <td class="r">${button({ ...row.action })}</td></tr>${this.form && this.form.email === row.email ? html`<tr><td colspan="5">${this.drawForm()}</td></tr>` : nothing}</tbody>`)}</table></div>`;
  }

  drawForm() {
    const { email, name, roles, isNew, active, second_factor: factor } = this.form;
    return html`<form class="stack" @submit=${this.save}><h2>${isNew ? "Add somebody" : `Change ${email}`}</h2>
      ${isNew ? html`<div class="field"><label for="person-email">E-mail address: codes to sign in go there</label><input id="person-email" name="email" type="email" required maxlength="254"></div>` : nothing}
      <div class="field"><label for="person-name">Name</label><input id="person-name" name="name" required maxlength="120" .defaultValue=${name}></div>
      <fieldset><legend>Works as</legend>${Object.entries(ROLES).map(([role, words]) => html`<label class="choice"><input type="checkbox" name="roles" value=${role} ?checked=${roles.includes(role)}> ${words}</label>`)}</fieldset>
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${isNew ? "Add" : active ? "Save" : "Take back"}</button><button type="button" class="btn" @click=${() => (this.form = null)}>Back</button>
        ${button({ label: "Remove the second factor", run: () => this.resetFactor(this.form), hidden: isNew || !factor })}
        ${button({ label: "Deactivate", stop: true, run: () => this.deactivate(this.form), hidden: isNew || !active || email === session.email })}</div>
      ${email === session.email ? html`<p class="soft xs">Another admin deactivates you.</p>` : nothing}</form>`;
  }
}

customElements.define("desk-people", People);
