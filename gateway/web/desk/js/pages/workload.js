// Workload: who has how much to do, and who did it, by team and person, for a lead.

import { Page } from "../page.js";
import { button, html, save, t, tag, tc, tn } from "../parts.js";
import { get } from "../session.js";
import { words } from "../words.js";

const DAY = 24 * 3600 * 1000;
const PERIODS = [7, 30, 90];

class Workload extends Page {
  static properties = { days: { state: true } };
  static follows = ["support"];

  constructor() {
    super();
    Object.assign(this, { days: PERIODS[0], teams: [], people: [], here: new Map() });
  }

  get query() {
    const now = Date.now();
    return new URLSearchParams({ since: new Date(now - this.days * DAY).toISOString(), until: new Date(now).toISOString() });
  }

  async load() {
    const [{ teams, people }, { items }] = await Promise.all([get(`/v1/reports/workload?${this.query}`), get("/v1/staff/availability")]);
    Object.assign(this, { teams, people, here: new Map(items.map(({ email, status }) => [email, status])) });
  }

  keys() {
    return [
      { key: "p", label: t("other period"), run: () => this.show(PERIODS[(PERIODS.indexOf(this.days) + 1) % PERIODS.length]) },
      { key: "x", label: t("as a file"), run: () => this.export() },
    ];
  }

  show(days) {
    this.days = days;
    return this.reload();
  }

  export() {
    return this.act(async () => save(await get(`/v1/reports/workload/export?${this.query}`), "workload.csv"), t("The file is saved."));
  }

  draw() {
    const ours = this.teams.reduce((sum, team) => sum + team.ours, 0);
    return html`<div class="head"><h1>${t("Workload")} <small>${tn("{n} ticket waits for us", "{n} tickets wait for us", ours)}</small></h1>
        <div class="acts">${PERIODS.map((days) => html`<button type="button" class="btn" aria-pressed=${days === this.days} @click=${() => this.show(days)}>${t("{days} days", { days })}</button>`)}${button({ key: "x", label: t("As a file"), run: () => this.export() })}</div></div>
      ${this.drawLoads(t("By team"), t("Team"), this.teams, (team) => team.team, (team) => (team.unassigned ? html` ${tag(t("nobody's: {unassigned}", { unassigned: team.unassigned }), "risk")}` : ""))}
      ${this.drawLoads(t("By person"), t("Person"), this.people, (one) => html`<b>${one.name ?? one.email}</b><span class="d">${one.email}</span>`, ({ email }) => (this.here.get(email) === "active" ? "" : html` ${tag(words(this.here.get(email)) || t("works here no more"))}`))}`;
  }

  drawLoads(caption, first, loads, name, note) {
    return html`<div class="box scroll" tabindex="0"><table><caption>${caption}</caption><thead><tr><th scope="col">${first}</th><th scope="col">${tc("a count", "Open")}</th><th scope="col">${t("Our turn")}</th><th scope="col">${t("Late")}</th><th scope="col">${t("Given in {days} days", { days: this.days })}</th><th scope="col">${t("Answers in {days} days", { days: this.days })}</th></tr></thead>
      <tbody>${loads.map((load) => html`<tr><td>${name(load)}${note(load)}</td><td>${load.open}</td><td>${load.ours}</td><td>${load.overdue ? tag(load.overdue, "late") : 0}</td><td>${load.assigned}</td><td>${load.answered}</td></tr>`)}</tbody></table></div>`;
  }
}

customElements.define("desk-workload", Workload);
