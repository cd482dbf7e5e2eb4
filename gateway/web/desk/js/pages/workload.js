// Workload: who has how much to do, and who did it, by team and person, for a lead.

import { Page } from "../page.js";
import { button, html, save, tag } from "../parts.js";
import { get } from "../session.js";
import { count } from "../words.js";

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
      { key: "p", label: "other period", run: () => this.show(PERIODS[(PERIODS.indexOf(this.days) + 1) % PERIODS.length]) },
      { key: "x", label: "as a file", run: () => this.export() },
    ];
  }

  show(days) {
    this.days = days;
    return this.reload();
  }

  export() {
    return this.act(async () => save(await get(`/v1/reports/workload/export?${this.query}`), "workload.csv"), "The file is saved.");
  }

  draw() {
    const ours = this.teams.reduce((sum, team) => sum + team.ours, 0);
    return html`<div class="head"><h1>Workload <small>${count(ours, "ticket waits", "tickets wait")} for us</small></h1>
        <div class="acts">${PERIODS.map((days) => html`<button type="button" class="btn" aria-pressed=${days === this.days} @click=${() => this.show(days)}>${days} days</button>`)}${button({ key: "x", label: "As a file", run: () => this.export() })}</div></div>
      ${this.drawLoads("By team", "Team", this.teams, (team) => team.team, (team) => (team.unassigned ? html` ${tag(`nobody's: ${team.unassigned}`, "risk")}` : ""))}
      ${this.drawLoads("By person", "Person", this.people, (one) => html`<b>${one.name ?? one.email}</b><span class="d">${one.email}</span>`, ({ email }) => (this.here.get(email) === "active" ? "" : html` ${tag(this.here.get(email) ?? "works here no more")}`))}`;
  }

  drawLoads(caption, first, loads, name, note) {
    return html`<div class="box scroll" tabindex="0"><table><caption>${caption}</caption><thead><tr><th scope="col">${first}</th><th scope="col">Open</th><th scope="col">Our turn</th><th scope="col">Late</th><th scope="col">Given in ${this.days} days</th><th scope="col">Answers in ${this.days} days</th></tr></thead>
      <tbody>${loads.map((load) => html`<tr><td>${name(load)}${note(load)}</td><td>${load.open}</td><td>${load.ours}</td><td>${load.overdue ? tag(load.overdue, "late") : 0}</td><td>${load.assigned}</td><td>${load.answered}</td></tr>`)}</tbody></table></div>`;
  }
}

customElements.define("desk-workload", Workload);
