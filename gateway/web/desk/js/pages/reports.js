// Reports: how satisfied customers are, how soon they are answered, what was refused, and what an article answered; each
// over weeks, and by category, team and person, for leads. How carriers kept what we promised, for the warehouse too.

import { Page, go } from "../page.js";
import { button, html, nothing, save, t, tn } from "../parts.js";
import { plot, weeksOf } from "../plot.js";
import { get, session } from "../session.js";
import { capital, words } from "../words.js";

const DAY = 24 * 3600 * 1000;
const PERIODS = [30, 90, 365];
const CATEGORIES = ["product", "order", "logistics", "aftersales", "suggestion", "complaint"];
const percent = (share) => (share === null ? "–" : `${(share * 100).toFixed(1)} %`);
const part = (some, all) => (all ? some / all : null);
const hours = (number) => (number === null ? "–" : number < 48 ? t("{hours} h", { hours: Math.round(number * 10) / 10 }) : t("{days} days", { days: Math.round(number / 2.4) / 10 }));
const days = (number) => (number === null ? "–" : tn("{n} day", "{n} days", number));
const points = (average) => (average === null ? "–" : average.toFixed(2));

/** Each report: its columns, [name, what stands there], what is drawn over weeks, and one sentence about the whole. */
const KINDS = {
  satisfaction: {
    name: t("Satisfaction"),
    columns: [[t("Ended"), (row) => row.ended], [t("Rated"), (row) => row.rated], [t("Average of 5"), (row) => points(row.average)], [t("4 and 5"), (row) => percent(part(row.satisfied, row.rated))], [t("1 and 2"), (row) => row.low]],
    drawn: [t("Average rating"), (row) => row.average, (value) => value.toFixed(1), 5],
    said: (all) => (all.rated ? tn("{average} of 5 from {n} rating", "{average} of 5 from {n} ratings", all.rated, { average: points(all.average) }) : t("no rating yet")),
  },
  times: {
    name: t("Times"),
    columns: [[t("First answers"), (row) => row.answered], [t("Half within"), (row) => hours(row.answer_half)], [t("Nine of ten within"), (row) => hours(row.answer_most)], [t("Ended"), (row) => row.ended], [t("Half within"), (row) => hours(row.end_half)], [t("Nine of ten within"), (row) => hours(row.end_most)]],
    drawn: [t("Half of the first answers within"), (row) => row.answer_half, hours, null],
    said: (all) => (all.answered ? t("half of {answered} first answers within {answer_half}, day and night", { answered: all.answered, answer_half: hours(all.answer_half) }) : t("no first answer yet")),
  },
  rejections: {
    name: t("Rejections"),
    columns: [[t("Ended"), (row) => row.ended], [t("Refused"), (row) => row.rejected], [t("Share"), (row) => percent(row.share)], [t("Declined"), (row) => row.declined], [t("Same matter"), (row) => row.duplicate], [t("Spam"), (row) => row.spam], [t("Taken up again"), (row) => row.taken_up]],
    drawn: [t("Share that was refused"), (row) => row.share, percent, null],
    said: (all) => (all.ended ? t("{share} of {ended} that ended", { share: percent(all.share), ended: all.ended }) : t("nothing has ended yet")),
  },
  deflection: {
    name: t("Deflection"),
    columns: [[t("Answered by an article"), (row) => row.deflected], [t("Sent"), (row) => row.asked ?? "–"], [t("Share"), (row) => percent(row.share)]],
    drawn: [t("Share that an article answered"), (row) => row.share, percent, null],
    said: (all) => t("{deflected} answered by an article, {asked} sent", { deflected: all.deflected, asked: all.asked }),
  },
  carriers: {
    name: t("Carriers"),
    roles: ["warehouse", "lead"],
    columns: [[t("Handed over"), (row) => row.parcels], [t("Delivered"), (row) => row.delivered], [t("On time"), (row) => percent(row.on_time_share)], [t("Late"), (row) => row.late], [t("By the carrier"), (row) => row.late_by_carrier], [t("By customs"), (row) => row.late_by_customs], [t("By the customer"), (row) => row.late_by_customer], [t("Not known by whom"), (row) => row.late_by_unknown], [t("Lost"), (row) => row.lost], [t("Sent back"), (row) => row.returned], [t("Half within"), (row) => days(row.days_half)], [t("Nine of ten within"), (row) => days(row.days_most)]],
    said: (all) => (all.on_time_share === null ? t("no promise is decided yet") : t("{share} of {parcels} parcels on time", { share: percent(all.on_time_share), parcels: all.on_time + all.late })),
  },
};
const GROUPS = { category: t("By category"), team: t("By team"), person: t("By person"), article: t("By article"), ground: t("Declined, by ground"), carrier: t("By carrier"), country: t("By country"), lane: t("By carrier, from where and to where") };
const HEADS = { category: t("Category"), team: t("Team"), person: t("Person"), article: t("Article"), ground: t("Ground"), carrier: t("Carrier"), country: t("Country"), lane: t("Lane") };
const OF_TICKETS = ["satisfaction", "times", "rejections"];
const NOBODY = { category: t("none"), team: t("none"), person: t("by itself"), article: t("none"), ground: t("none") };

class Reports extends Page {
  static properties = { days: { state: true }, category: { state: true }, team: { state: true } };
  static follows = ["support"];

  constructor() {
    super();
    Object.assign(this, { days: PERIODS[0], category: "", team: "", teams: [], report: null });
  }

  get kinds() {
    return Object.keys(KINDS).filter((kind) => session.may(...(KINDS[kind].roles ?? ["lead"])));
  }

  get kind() {
    return this.kinds.includes(this.params[0]) ? this.params[0] : this.kinds[0];
  }

  query() {
    const until = Date.now();
    const filters = !OF_TICKETS.includes(this.kind) ? {} : { ...(this.category && { category: this.category }), ...(this.team && { team: this.team }) };
    return new URLSearchParams({ since: new Date(until - this.days * DAY).toISOString(), until: new Date(until).toISOString(), ...filters });
  }

  async load() {
    const { kind } = this;
    const teams = OF_TICKETS.includes(kind) ? get("/v1/teams") : { items: [] };
    const [report, { items }] = await Promise.all([get(`/v1/reports/${kind}?${this.query()}`), teams]);
    Object.assign(this, { report: { ...report, kind }, teams: items.map(({ name }) => name) });
  }

  putAway() {
    super.putAway();
    this.report = null;
  }

  keys() {
    const names = this.kinds;
    return [
      { key: "n", label: t("next report"), run: () => go(`/desk/reports/${names[(names.indexOf(this.kind) + 1) % names.length]}`) },
      ...PERIODS.map((days, place) => ({ key: String(place + 1), label: t("{days} days", { days }), run: () => this.show({ days }) })),
      { key: "x", label: t("as a file"), run: () => this.export() },
    ];
  }

  show(wish) {
    Object.assign(this, wish);
    return this.reload();
  }

  export() {
    const { kind } = this;
    return this.act(async () => save(await get(`/v1/reports/${kind}/export?${this.query()}`), `${kind}.csv`), t("The file is saved."));
  }

  draw() {
    const { kind, report } = this, { name, said } = KINDS[kind];
    const rows = report?.kind === kind ? report.items : [];
    const all = rows.find(({ by }) => by === "all");
    return html`<div class="head"><h1>${name} <small>${all ? said(all) : ""}</small></h1>
        <div class="acts">${PERIODS.map((days, place) => button({ key: String(place + 1), label: t("{days} days", { days }), go: days === this.days, run: () => this.show({ days }) }))}${button({ key: "x", label: t("As a file"), run: () => this.export() })}</div></div>
      <div class="stack"><nav class="acts" aria-label=${t("Reports")}>${this.kinds.map((each) => html`<a class="btn ${each === kind ? "go" : ""}" href="/desk/reports/${each}" aria-current=${each === kind ? "page" : nothing}>${KINDS[each].name}</a>`)}</nav>
      ${OF_TICKETS.includes(kind) ? this.drawFilters() : nothing}
      ${all ? html`${this.drawWeeks(rows, report)}${Object.keys(GROUPS).map((by) => this.drawGroup(by, rows.filter((row) => row.by === by), all))}` : nothing}</div>`;
  }

  drawFilters() {
    return html`<form class="acts" aria-label=${t("Of which")} @submit=${(event) => event.preventDefault()}>
      <div class="field"><label for="report-category">${t("Category")}</label><select id="report-category" .value=${this.category} @change=${(event) => this.show({ category: event.target.value })}><option value="">${t("All")}</option>${CATEGORIES.map((each) => html`<option value=${each}>${capital(words(each))}</option>`)}</select></div>
      <div class="field"><label for="report-team">${t("Team")}</label><select id="report-team" .value=${this.team} @change=${(event) => this.show({ team: event.target.value })}><option value="">${t("All")}</option>${this.teams.map((each) => html`<option value=${each}>${each}</option>`)}</select></div></form>`;
  }

  drawWeeks(rows, { since, until }) {
    if (!KINDS[this.kind].drawn) return nothing;
    const [name, value, say, most] = KINDS[this.kind].drawn;
    const weeks = weeksOf(rows.filter(({ by }) => by === "week"), new Date(since), new Date(until));
    return html`<section class="box"><h2>${name} <span class="soft">${t("week by week")}</span></h2><div class="in">${plot(name, weeks.map(({ from, row }) => ({ from, value: row ? value(row) : null })), say, most)}</div></section>`;
  }

  drawGroup(by, rows, all) {
    if (rows.length === 0) return nothing;
    const { columns } = KINDS[this.kind];
    const called = ({ name, carrier, country, origin }) => (name === undefined ? [carrier && words(carrier), origin, country].filter(Boolean).join(" → ") : name === null ? html`<span class="soft">${NOBODY[by]}</span>` : by === "category" || by === "ground" ? capital(words(name)) : by === "article" ? html`<a href="/desk/knowledge/${name}">${name}</a>` : name);
    return html`<section class="box scroll" tabindex="0" aria-label=${GROUPS[by]}><h2>${GROUPS[by]}</h2><table><caption class="vh">${GROUPS[by]}</caption><thead><tr><th scope="col">${HEADS[by]}</th>${columns.map(([name]) => html`<th scope="col" class="r">${name}</th>`)}</tr></thead>
      <tbody>${rows.map((row) => html`<tr><th scope="row">${called(row)}</th>${columns.map(([, cell]) => html`<td class="r nw">${cell(row)}</td>`)}</tr>`)}
      <tr><th scope="row">${t("All")}</th>${columns.map(([, cell]) => html`<td class="r nw">${cell(all)}</td>`)}</tr></tbody></table></section>`;
  }
}

customElements.define("desk-reports", Reports);
