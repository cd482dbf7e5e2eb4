// Teams: who takes which tickets, who is there, and how much each has. A lead sets teams up and speaks for who is ill.

import { RowsPage, keyOf } from "../page.js";
import { at, button, html, nothing, parts, repeat, t, tag, tc, tn } from "../parts.js";
import { PRESENCE } from "../presence.js";
import { get, send, session } from "../session.js";
import { capital, words } from "../words.js";

const CATEGORIES = ["product", "order", "logistics", "aftersales", "suggestion", "complaint"];
const ALL_AGENTS = "agents"; // the team that is always there
const MEANS = { active: t("Here: gets tickets"), away: t("Away for a while: gets no new ones"), off: t("Off: what waits for us goes back to the team") };
const TAGS = { active: "kept", away: "risk", off: "" };
const pathOf = (name) => `/v1/teams/${encodeURIComponent(name)}`;

/** The moment at which a day begins here, for a field of kind date. */
const beginning = (day) => new Date(`${day}T00:00`).toISOString();
const tomorrow = () => new Date(Date.now() + 86_400_000 - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10);

class Teams extends RowsPage {
  static properties = { form: { state: true }, status: { state: true } };
  static follows = ["support"];

  constructor() {
    super();
    Object.assign(this, { form: null, teams: [], people: [], status: "active" });
  }

  get drafted() {
    return this.form?.team ?? this.form?.one;
  }

  async load() {
    const [{ items: teams }, { items: people }] = await Promise.all([get("/v1/teams"), get("/v1/staff/availability")]);
    const lead = session.may("lead"), own = ({ email }) => email === session.email;
    const edit = (run) => ({ key: "e", label: tc("verb", "Change"), run });
    Object.assign(this, { teams, people });
    this.rows = [
      ...teams.map((team) => ({ key: `team ${team.name}`, team, href: `/desk/inbox?team=${team.name}`, action: lead ? edit(() => this.show({ team, isNew: false })) : null })),
      ...people.map((one) => ({ key: one.email, one, href: "/desk/inbox", action: lead || own(one) ? edit(() => this.show({ one })) : null })),
    ];
  }

  keys() {
    const found = super.keys().filter(({ key }) => key !== "Enter" || this.row?.team);
    return [...found, { key: "n", label: t("add a team"), run: () => this.add(), hidden: !session.may("lead") }];
  }

  add() {
    this.show({ team: { name: "", categories: [], members: [], automatic: true, cap: null, version: null }, isNew: true });
  }

  show(form) {
    Object.assign(this, { form, status: form.one?.status ?? "active" });
    this.focusOn("#team-name, #team-automatic, #presence-active");
  }

  async save(event) {
    event.preventDefault();
    const given = new FormData(event.target), { team, isNew } = this.form;
    const name = isNew ? given.get("name").trim().toLowerCase() : team.name;
    const cap = Number(given.get("cap")) || null;
    const wish = { categories: given.getAll("categories"), members: given.getAll("members"), automatic: given.get("automatic") === "on", ...(cap ? { cap } : {}) };
    const done = await this.finish("form", () => send("PUT", pathOf(name), wish, { version: isNew ? null : team.version }), t("The team {name} is saved.", { name }));
    if (!done && this.form && !isNew && this.problem?.code === "version_moved") this.form = { ...this.form, team: this.teams.find((each) => each.name === name) ?? team };
  }

  async removeTeam(name) {
    await this.finish("form", () => send("DELETE", pathOf(name)), t("There is no team {name} any more; its tickets belong to the teams of their categories.", { name }));
  }

  async say(event) {
    event.preventDefault();
    const { one } = this.form, day = new FormData(event.target).get("back");
    const wish = { status: this.status, ...(this.status === "off" && day ? { back_at: beginning(day) } : {}) };
    const path = one.email === session.email ? "/v1/staff/me/availability" : `/v1/staff/${encodeURIComponent(one.email)}/availability`;
    await this.finish("form", () => send("PUT", path, wish), t("{name} is {status}.", { name: one.name, status: PRESENCE[this.status].toLowerCase() }));
  }

  draw() {
    const lead = session.may("lead");
    const teams = this.rows.filter(({ team }) => team), people = this.rows.filter(({ one }) => one);
    return html`<div class="head"><h1>${t("Teams")} <small>${tn("{n} person is here", "{n} people are here", this.people.filter(({ status }) => status === "active").length)}</small></h1>${button({ key: "n", label: t("Add a team"), run: () => this.add(), hidden: !lead })}</div>
      ${this.form?.isNew ? html`<div class="box in">${this.drawTeam()}</div>` : nothing}
      <div class="box scroll" tabindex="0"><table class="rows"><caption>${t("Who takes what")}</caption><thead><tr><th scope="col">${t("Team")}</th><th scope="col">${t("Takes")}</th><th scope="col">${t("Hands out")}</th><th scope="col">${t("Our turn")}</th><th scope="col">${t("Nobody's")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${repeat(teams, keyOf, (row, place) => this.drawTeamRow(row, place))}</table></div>
      <div class="box scroll" tabindex="0"><table class="rows"><caption>${t("Who is here")}</caption><thead><tr><th scope="col">${t("Who")}</th><th scope="col">${t("Now")}</th><th scope="col">${t("Teams")}</th><th scope="col">${t("Our turn")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${repeat(people, keyOf, (row, place) => this.drawPersonRow(row, place + teams.length))}</table></div>`;
  }

  drawTeamRow({ team, action, href }, place) {
    const open = this.form?.team && !this.form.isNew && this.form.team.name === team.name;
    const takes = team.categories.length === CATEGORIES.length ? t("everything") : team.categories.map(words).join(", ") || t("what it is given");
    return html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td><a href=${href}>${team.name}</a><span class="d">${team.name === ALL_AGENTS ? t("all agents; what no other team takes") : tn("{n} member", "{n} members", team.members.length)}</span></td>
      <td>${takes}</td><td>${team.automatic ? team.cap ? t("by itself, up to {cap} each", { cap: team.cap }) : t("by itself, up to the shop's number each") : t("by hand")}</td><td class="num">${team.ours}</td><td class="num">${team.unassigned}</td>
      <td class="r">${action ? button({ ...action, run: () => { this.here = place; action.run(); } }) : nothing}</td></tr>
      ${open ? html`<tr><td colspan="6">${this.drawTeam()}</td></tr>` : nothing}</tbody>`;
  }

  drawPersonRow({ one, action }, place) {
    return html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td><b>${one.name}</b><span class="d">${one.email}</span></td><td>${tag(PRESENCE[one.status].toLowerCase(), TAGS[one.status])}${one.back_at ? html`<span class="d">${parts("until {at}", { at: at(one.back_at) })}</span>` : nothing}</td>
      <td>${one.teams.join(", ") || html`<span class="soft">${t("none")}</span>`}</td><td class="num">${one.ours}</td>
      <td class="r">${action ? button({ ...action, run: () => { this.here = place; action.run(); } }) : nothing}</td></tr>
      ${this.form?.one?.email === one.email ? html`<tr><td colspan="5">${this.drawPresence()}</td></tr>` : nothing}</tbody>`;
  }

  drawTeam() {
    const { team, isNew } = this.form, all = team.name === ALL_AGENTS;
    const taken = new Map(this.teams.filter(({ name }) => name !== team.name && name !== ALL_AGENTS).flatMap(({ name, categories }) => categories.map((each) => [each, name])));
    return html`<form class="stack" @submit=${this.save}><h2>${isNew ? t("Add a team") : t("Change {name}", { name: team.name })}</h2>
      ${isNew ? html`<div class="field"><label for="team-name">${t("Name: small letters, digits, hyphens")}</label><input id="team-name" name="name" required maxlength="32" pattern="[a-z0-9](-?[a-z0-9])*"></div>` : nothing}
      ${all ? html`<p class="soft">${t("All agents are in it, and it takes what no other team takes.")}</p>` : html`<fieldset><legend>${t("Takes")}</legend>${CATEGORIES.map((each) => html`<label class="choice"><input type="checkbox" name="categories" value=${each} ?checked=${team.categories.includes(each)} ?disabled=${taken.has(each)}> ${capital(words(each))}${taken.has(each) ? html` <span class="soft">${t("({each} takes it)", { each: taken.get(each) })}</span>` : nothing}</label>`)}</fieldset>
      <fieldset><legend>${t("Members")}</legend>${this.people.map((one) => html`<label class="choice"><input type="checkbox" name="members" value=${one.email} ?checked=${team.members.includes(one.email)}> ${one.name} <span class="soft">${one.email}</span></label>`)}</fieldset>`}
      <label class="choice"><input id="team-automatic" type="checkbox" name="automatic" ?checked=${team.automatic}> ${t("Hand out by itself: the oldest deadline first, to who is here and has the fewest")}</label>
      <div class="field"><label for="team-cap">${t("Tickets that wait for us, for each person at most; empty: the shop's number")}</label><input id="team-cap" name="cap" type="number" min="1" max="1000" .defaultValue=${team.cap ?? ""}></div>
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${t("Save")}</button><button type="button" class="btn" @click=${() => (this.form = null)}>${t("Back")}</button>${button({ label: t("Remove the team"), stop: true, run: () => this.removeTeam(team.name), hidden: isNew || all })}</div></form>`;
  }

  drawPresence() {
    const { one } = this.form;
    return html`<form class="stack" @submit=${this.say}><fieldset @change=${(event) => event.target.name === "status" && (this.status = event.target.value)}><legend>${one.name}</legend>${Object.entries(MEANS).map(([status, means]) => html`<label class="choice"><input id="presence-${status}" type="radio" name="status" value=${status} .checked=${status === this.status}> ${means}</label>`)}</fieldset>
      ${this.status === "off" ? html`<div class="field"><label for="presence-back">${t("Back on, if known")}</label><input id="presence-back" name="back" type="date" min=${tomorrow()}></div>` : nothing}
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${t("Save")}</button><button type="button" class="btn" @click=${() => (this.form = null)}>${t("Back")}</button></div></form>`;
  }
}

customElements.define("desk-teams", Teams);
