// Today: the reader's work over all services by its next deadline, with the time left and one key to begin.

import { RowsPage, go, keyOf } from "../page.js";
import { button, html, nothing, promise, repeat, t, tn } from "../parts.js";
import { day, standing } from "../words.js";
import { readWork } from "../work.js";

class Today extends RowsPage {
  static follows = ["orders", "logistics", "aftersales", "support"];

  async load() {
    Object.assign(this, await readWork(this.most));
  }

  /** The rows by when they are due; found out anew when they were read, and each half minute. */
  groups() {
    const tick = Math.floor(Date.now() / 30_000);
    if (this.grouped?.of !== this.rows || this.grouped.tick !== tick) this.grouped = { of: this.rows, tick, groups: this.inGroups() };
    return this.grouped.groups;
  }

  inGroups() {
    const now = Date.now(), today = day(new Date());
    const name = ({ clock }) => {
      if (!clock?.due_at) return t("Without a clock");
      if (standing(clock, now).state === "late") return t("Late");
      return day(clock.due_at) === today ? t("Today") : t("Next");
    };
    const groups = new Map([t("Late"), t("Today"), t("Next"), t("Without a clock")].map((title) => [title, []]));
    this.rows.forEach((row, place) => groups.get(name(row)).push(Object.assign(row, { place })));
    return [...groups].filter(([, rows]) => rows.length);
  }

  draw() {
    const groups = this.groups();
    const late = groups.find(([title]) => title === t("Late"))?.[1].length ?? 0;
    return html`
      <div class="head"><h1>${t("Today")} <small>${this.rows.length ? t("{n} open, the next deadline first", { n: this.rows.length }) : ""}</small></h1></div>
      ${this.missing.length ? html`<p class="note risk">${t("Some queues did not answer just now. Press R to read again.")}</p>` : nothing}
      ${this.rows.length === 0
        ? html`<div class="box in empty"><h2>${t("Nothing waits for you.")}</h2><p class="soft">${t("New work shows here by itself.")}</p></div>`
        : html`<div class="box scroll" tabindex="0"><table class="rows today">
        <caption class="vh">${tn("Work by deadline: {n} item, {late} late", "Work by deadline: {n} items, {late} late", this.rows.length, { late })}</caption>
        <thead><tr><th scope="col">${t("Promise")}</th><th scope="col">${t("What")}</th><th scope="col">${t("Number, owner, for")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${repeat(groups, ([title]) => title, ([title, rows]) => html`<tbody>
          <tr class="g ${title === t("Late") ? "late" : ""}"><th colspan="4" scope="rowgroup">${title} · ${rows.length}</th></tr>
          ${this.long.draw(title, rows, keyOf, (row) => this.drawRow(row))}</tbody>`)}
      </table></div>${this.drawMore(this.more)}`}`;
  }

  drawRow(row) {
    return html`<tr class=${row.place === this.here ? "here" : ""} @focusin=${() => (this.here = row.place)}>
      <td>${promise(row.clock)}</td>
      <td><a class="t" href=${row.href}>${row.title}</a><span class="d">${row.detail}</span></td>
      <td class="who"><span class="mono">${row.number}</span> <span class="soft xs">${row.owner}</span><span class="d">${row.who}</span></td>
      <td>${button({ ...row.action, run: () => go(row.href) })}</td></tr>`;
  }
}

customElements.define("desk-today", Today);
