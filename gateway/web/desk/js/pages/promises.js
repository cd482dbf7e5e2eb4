// Promises: the share that was kept, week by week and by kind and team, the lowest first; what is late now and why; and
// the clocks that run, the next due first.

import { Page } from "../page.js";
import { TEAMS } from "../order-view.js";
import { button, html, nothing, promise, save, svg, t, tn } from "../parts.js";
import { get, list, session } from "../session.js";
import { all, capital, day, moment, standing, words } from "../words.js";

const AIM = 0.97;
const DAY = 24 * 3600 * 1000;
const PERIODS = [30, 90];
const WEEKS = 13;
const LOWEST = 0.9; // where the axis of shares begins; what is lower stands at its foot

/** Who broke a promise, as its clock, holds and scans say; the last: they do not say. */
const CAUSES = ["warehouse", "carrier", "customs", "customer", "provider", "platform", "support", "unknown"];
const BY = { warehouse: t("the warehouse"), carrier: t("the carrier"), customs: t("customs"), customer: t("the customer"), provider: t("the payment provider"), platform: t("the shop"), support: t("support"), unknown: t("the facts do not say") };

const shareOf = ({ kept, breached }) => (kept + breached ? kept / (kept + breached) : null);
const percent = (share) => `${(share * 100).toFixed(1)} %`;

function bar(share) {
  return html`<svg class="share" viewBox="0 0 100 8" width="100" height="8" preserveAspectRatio="none" aria-hidden="true"><rect class="off" width="100" height="8" rx="2"/>${svg`<rect class=${share < AIM ? "over" : "on"} width=${share * 100} height="8" rx="2"/>`}<path class="mk" d="M${AIM * 100} -2v12"/></svg>`;
}

const Y = 150, LEFT = 40, BOTTOM = 22;
const narrow = matchMedia("(max-width: 40em)"); // where letters would become too small

/** Shares as points over weeks: {from, share, kept, breached}; a week in which nothing ended has no point. */
function plot(weeks) {
  const X = narrow.matches ? 320 : 640, each = narrow.matches ? 6 : 3;
  const x = (place) => LEFT + ((place + 0.5) * (X - LEFT)) / weeks.length;
  const y = (share) => 8 + (1 - (Math.max(share, LOWEST) - LOWEST) / (1 - LOWEST)) * (Y - BOTTOM - 8);
  const known = weeks.map((week, place) => ({ ...week, place })).filter(({ share }) => share !== null);
  const line = known.map(({ place, share }, at) => `${at ? "L" : "M"}${x(place)} ${y(share)}`).join("");
  return html`<svg class="plot" viewBox="0 0 ${X} ${Y}" role="img" aria-label=${known.length ? t("Kept by week: {weeks}", { weeks: known.map((week) => `${day(week.from)} ${percent(week.share)}`).join(", ") }) : t("No promise has ended yet")}>
    ${[1, 0.95, LOWEST].map((share) => svg`<path class="grid" d="M${LEFT} ${y(share)}H${X}"/><text x=${LEFT - 6} y=${y(share) + 4} text-anchor="end">${Math.round(share * 100)} %</text>`)}
    ${svg`<path class="aim" d="M${LEFT} ${y(AIM)}H${X}"/><text class="aim-word" x=${X} y=${y(AIM) - 4} text-anchor="end">${t("aim {share} %", { share: AIM * 100 })}</text>`}
    ${svg`<path class="line" d=${line}/>`}
    ${known.map((week) => svg`<circle class=${week.share < AIM ? "below" : "on"} cx=${x(week.place)} cy=${y(week.share)} r="5"><title>${t("{from}: {share}, {kept} kept, {breached} broken", { from: day(week.from), share: percent(week.share), kept: week.kept, breached: week.breached })}</title></circle>`)}
    ${weeks.map((week, place) => (place % each ? nothing : svg`<text x=${x(place)} y=${Y - 4} text-anchor="middle">${day(week.from).slice(4)}</text>`))}</svg>`;
}

class Promises extends Page {
  static properties = { days: { state: true }, cause: { state: true } };
  static follows = ["orders", "logistics", "aftersales", "support"];

  constructor() {
    super();
    Object.assign(this, { kinds: [], clocks: [], missing: [], weeks: [], broken: [], brokenMore: false, cause: "", days: PERIODS[0], more: false });
  }

  report(since, until) {
    return get(`/v1/commitments/report?${new URLSearchParams({ since: new Date(since).toISOString(), until: new Date(until).toISOString() })}`);
  }

  async load() {
    const now = Date.now();
    const period = { since: new Date(now - this.days * DAY).toISOString(), until: new Date(now).toISOString(), ...(this.cause && { cause: this.cause }) };
    const [report, running, broken] = await Promise.all([this.report(now - this.days * DAY, now), list("/v1/commitments", this.most), list(`/v1/commitments/breaches?${new URLSearchParams(period)}`, this.most), this.loadWeeks(now)]);
    this.kinds = report.items.map((each) => ({ ...each, share: shareOf(each), team: TEAMS[each.kind] ?? capital(each.service) })).sort((one, other) => (one.share ?? 2) - (other.share ?? 2));
    Object.assign(this, { clocks: running.items, more: running.more, broken: broken.items, brokenMore: broken.more, missing: [...new Set([...report.missing, ...running.missing])] });
  }

  /** Read the weeks once an hour: what has ended does not change, and the last week is on its way. */
  async loadWeeks(now) {
    if (now - (this.weeksAt ?? 0) < 3600 * 1000) return;
    const from = Array.from({ length: WEEKS }, (_, place) => now - (WEEKS - place) * 7 * DAY);
    this.weeks = await Promise.all(
      from.map(async (begin) => {
        const { items } = await this.report(begin, begin + 7 * DAY);
        const kept = items.reduce((sum, each) => sum + each.kept, 0), breached = items.reduce((sum, each) => sum + each.breached, 0);
        return { from: begin, kept, breached, share: shareOf({ kept, breached }) };
      }),
    );
    this.weeksAt = now;
  }

  keys() {
    return PERIODS.map((days, place) => ({ key: String(place + 1), label: t("{days} days", { days }), run: () => this.look(days) }));
  }

  look(days) {
    this.days = days;
    return this.reload();
  }

  showCause(cause) {
    this.cause = cause;
    return this.reload();
  }

  export() {
    const now = Date.now(), query = new URLSearchParams({ since: new Date(now - this.days * DAY).toISOString(), until: new Date(now).toISOString() });
    return this.act(async () => save(await get(`/v1/commitments/report/export?${query}`), "promises.csv"), t("The file is saved."));
  }

  get late() {
    return this.clocks.filter((clock) => standing(clock).state === "late");
  }

  draw() {
    const kept = this.kinds.reduce((sum, each) => sum + each.kept, 0), breached = this.kinds.reduce((sum, each) => sum + each.breached, 0);
    return html`<div class="head"><h1>${t("Promises")} <small>${t("of the last {days} days: {kept} kept, {breached} broken", { days: this.days, kept, breached })}</small></h1><div class="acts">${PERIODS.map((days, place) => button({ key: String(place + 1), label: t("{days} days", { days }), go: days === this.days, run: () => this.look(days) }))}${session.may("lead") ? button({ label: t("As a file"), run: () => this.export() }) : nothing}</div></div>
      ${this.missing.length ? html`<p class="note risk">${t("Without {services}: it does not answer just now.", { services: all(this.missing) })}</p>` : nothing}
      <div class="stack"><div class="pair"><section class="box"><h2>${t("All promises")} <span class="soft">${t("share kept of those begun in each week")}</span></h2><div class="in">${plot(this.weeks)}</div></section>
        <section class="box"><h2>${t("By team")}</h2><ul class="in stack">${this.teams().map((team) => html`<li class="team"><b>${team.name}</b> ${team.share === null ? html`<span class="soft">${t("none ended yet")}</span>` : html`<span class="nw">${bar(team.share)} ${percent(team.share)}</span>`}<span class="d">${t("{kept} kept, {breached} broken", { kept: team.kept, breached: team.breached })}</span></li>`)}</ul></section></div>
      ${this.drawLate()}
      <section class="box scroll" tabindex="0" aria-label=${t("By promise")}><h2>${t("By promise")} <span class="soft">${t("the lowest share first, aim {share} %", { share: AIM * 100 })}</span></h2><table><caption class="vh">${t("Promises kept by kind")}</caption>
        <thead><tr><th scope="col">${t("Promise")}</th><th scope="col">${t("Team")}</th><th scope="col">${t("Share")}</th><th scope="col" class="r">${t("Kept")}</th><th scope="col" class="r">${t("Broken")}</th><th scope="col">${t("Broken by")}</th><th scope="col" class="r">${t("Running")}</th></tr></thead>
        <tbody>${this.kinds.map((each) => html`<tr><th scope="row">${capital(words(each.kind))}${this.kinds.some((other) => other !== each && other.kind === each.kind) ? html` <span class="soft">${words(each.service)}</span>` : nothing}</th><td>${each.team}</td><td>${each.share === null ? html`<span class="soft">${t("none ended yet")}</span>` : html`<span class="nw">${bar(each.share)} ${percent(each.share)}</span>`}</td><td class="r">${each.kept}</td><td class="r">${each.breached}</td><td>${CAUSES.filter((cause) => each[`by_${cause}`]).map((cause) => `${BY[cause]} ${each[`by_${cause}`]}`).join(", ")}</td><td class="r">${each.running}</td></tr>`)}</tbody></table></section>
      ${this.drawBroken()}
      <section class="box scroll" tabindex="0" aria-label=${t("Running")}><h2>${t("Running")} <span class="soft">${this.more ? tn("{n} clock and more, the next due first", "{n} clocks and more, the next due first", this.clocks.length) : tn("{n} clock, the next due first", "{n} clocks, the next due first", this.clocks.length)}</span></h2><table><caption class="vh">${t("Running promises")}</caption>
        <thead><tr><th scope="col">${t("Due")}</th><th scope="col">${t("Promise")}</th><th scope="col">${t("Of")}</th><th scope="col">${t("Owner")}</th></tr></thead>
        <tbody>${this.long.draw("running", this.clocks, (clock) => `${clock.service} ${clock.subject} ${clock.kind} ${clock.due_at}`, (clock) => html`<tr><td>${promise(clock)}</td><td>${capital(words(clock.kind))}</td><td class="mono">${this.link(clock)}</td><td>${words(clock.owner)}</td></tr>`)}</tbody></table>${this.drawMore(this.more)}</section></div>`;
  }

  teams() {
    const found = new Map();
    for (const { team: name, kept, breached } of this.kinds) {
      const team = found.get(name) ?? { name, kept: 0, breached: 0 };
      found.set(name, { name, kept: team.kept + kept, breached: team.breached + breached });
    }
    return [...found.values()].map((team) => ({ ...team, share: shareOf(team) })).sort((one, other) => (one.share ?? 2) - (other.share ?? 2));
  }

  link(clock) {
    const [kind] = clock.subject.split("-"), page = { TIC: "inbox", RET: "returns", SHP: "pack" }[kind];
    if (clock.order_number) return html`<a href="/desk/orders/${clock.order_number}">${clock.order_number}</a>`;
    return page ? html`<a href="/desk/${page}/${clock.subject}">${clock.subject}</a>` : clock.subject;
  }

  /** What was broken in the period, the latest first, and who broke it. */
  drawBroken() {
    const { broken } = this;
    return html`<section class="box scroll" tabindex="0" aria-label=${t("Broken")}><h2>${t("Broken")} <span class="soft">${this.brokenMore ? tn("{n} promise and more, the latest first", "{n} promises and more, the latest first", broken.length) : tn("{n} promise, the latest first", "{n} promises, the latest first", broken.length)}</span></h2>
      <div class="in field"><label for="promises-cause">${t("Broken by")}</label><select id="promises-cause" .value=${this.cause} @change=${(event) => this.showCause(event.target.value)}><option value="">${t("All")}</option>${CAUSES.map((cause) => html`<option value=${cause}>${capital(BY[cause])}</option>`)}</select></div>
      ${broken.length ? html`<table><caption class="vh">${t("Promises that were broken")}</caption><thead><tr><th scope="col">${t("Due")}</th><th scope="col">${t("Promise")}</th><th scope="col">${t("Of")}</th><th scope="col">${t("Broken by")}</th><th scope="col">${t("Ended")}</th></tr></thead>
      <tbody>${broken.map((clock) => html`<tr><td class="nw">${moment(clock.due_at)}</td><td>${capital(words(clock.kind))}</td><td class="mono">${this.link(clock)}</td><td>${BY[clock.cause] ?? BY.unknown}</td><td class="nw">${clock.stopped_at ? moment(clock.stopped_at) : t("not yet")}</td></tr>`)}</tbody></table>` : nothing}</section>`;
  }

  /** What is late now, with who broke it as the facts say. */
  drawLate() {
    const late = this.late;
    if (late.length === 0) return html`<p class="note kept">${t("Nothing is late.")}</p>`;
    return html`<section class="box scroll" tabindex="0" aria-label=${t("Late now")}><h2>${t("Late now")} <span class="soft">${tn("{n} promise, the longest first", "{n} promises, the longest first", late.length)}</span></h2><table><caption class="vh">${t("Promises that are late")}</caption>
      <thead><tr><th scope="col">${t("How late")}</th><th scope="col">${t("Promise")}</th><th scope="col">${t("Of")}</th><th scope="col">${t("Team")}</th><th scope="col">${t("Broken by")}</th><th scope="col">${t("Owner")}</th></tr></thead>
      <tbody>${late.map((clock) => html`<tr><td>${promise(clock)}</td><td>${capital(words(clock.kind))}</td><td class="mono">${this.link(clock)}</td><td>${TEAMS[clock.kind] ?? capital(clock.service)}</td><td>${BY[clock.cause] ?? BY.unknown}</td><td>${words(clock.owner)}</td></tr>`)}</tbody></table></section>`;
  }
}

customElements.define("desk-promises", Promises);
