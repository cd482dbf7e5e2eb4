// A line over weeks, for the reports: what has no value that week has no point. Values are shares, hours or points.

import { html, nothing, svg, t } from "./parts.js";
import { day, month } from "./words.js";

const Y = 150, LEFT = 56, TOP = 10, BOTTOM = 22;
const narrow = matchMedia("(max-width: 40em)"); // where letters would become too small

/** How the points are spoken of: each has a name, and all are told in one sentence. */
export const WEEKS = {
  called: day,
  short: (from) => day(from).slice(4),
  told: (name, values) => (values ? t("{name} by week: {values}", { name, values }) : t("{name} by week: nothing yet", { name })),
};
export const MONTHS = {
  called: month,
  short: month,
  told: (name, values) => (values ? t("{name} by month: {values}", { name, values }) : t("{name} by month: nothing yet", { name })),
};

/** Draw `weeks`, [{from, value}], between 0 and `most`; `say` writes a value in words. by: `MONTHS`, where they are those. */
export function plot(name, weeks, say, most = null, by = WEEKS) {
  const known = weeks.map((week, place) => ({ ...week, place })).filter(({ value }) => value !== null && value !== undefined);
  const X = narrow.matches ? 340 : 1000;
  const top = most ?? (Math.max(...known.map(({ value }) => value), 0) || 1);
  const x = (place) => LEFT + ((place + 0.5) * (X - LEFT)) / weeks.length;
  const y = (value) => TOP + (1 - Math.min(value, top) / top) * (Y - BOTTOM - TOP);
  const line = known.map(({ place, value }, at) => `${at ? "L" : "M"}${x(place)} ${y(value)}`).join("");
  const told = by.told(name, known.map(({ from, value }) => `${by.called(from)} ${say(value)}`).join(", "));
  const each = Math.ceil(weeks.length / 5);
  return html`<svg class="plot" viewBox="0 0 ${X} ${Y}" role="img" aria-label=${told}>
    ${[top, top / 2, 0].map((value) => svg`<path class="grid" d="M${LEFT} ${y(value)}H${X}"/><text x=${LEFT - 6} y=${y(value) + 4} text-anchor="end">${say(value)}</text>`)}
    ${svg`<path class="line" d=${line}/>`}
    ${known.map(({ from, place, value }) => svg`<circle class="on" cx=${x(place)} cy=${y(value)} r="4"><title>${by.called(from)}: ${say(value)}</title></circle>`)}
    ${weeks.map(({ from }, place) => (place % each ? nothing : svg`<text x=${x(place)} y=${Y - 4} text-anchor="middle">${by.short(from)}</text>`))}</svg>`;
}

/** Every week of the period, by its Monday, with the row of the report or null. */
export function weeksOf(rows, since, until) {
  const found = new Map(rows.map((row) => [row.name, row]));
  const monday = new Date(since);
  monday.setUTCHours(0, 0, 0, 0);
  monday.setUTCDate(monday.getUTCDate() - ((monday.getUTCDay() + 6) % 7));
  const weeks = [];
  for (; monday < until; monday.setUTCDate(monday.getUTCDate() + 7)) {
    weeks.push({ from: monday.toISOString(), row: found.get(monday.toISOString().slice(0, 10)) ?? null });
  }
  return weeks;
}

/** Every month from the first of the rows to the last, [{from, value}]: one without a row is nothing, not left out. */
export function monthsOf(rows, value) {
  const found = new Map(rows.map((row) => [row.name, value(row)])), names = [...found.keys()].sort(), months = [];
  for (const from = new Date(`${names[0]}-01T00:00:00Z`); names.length && from.toISOString().slice(0, 7) <= names.at(-1); from.setUTCMonth(from.getUTCMonth() + 1)) {
    months.push({ from: from.toISOString(), value: found.get(from.toISOString().slice(0, 7)) ?? 0 });
  }
  return months;
}
