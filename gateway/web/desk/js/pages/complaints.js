// Complaints: what is to be decided first, and for leads what they came from and what was changed because of them.

import { RowsPage, keyOf } from "../page.js";
import { at, button, html, nothing, parts, promise, repeat, save, t, tag, tn } from "../parts.js";
import { get, list, session } from "../session.js";
import { capital, money, person, words } from "../words.js";

class Complaints extends RowsPage {
  static properties = { report: { state: true } };
  static follows = ["support"];

  constructor() {
    super();
    Object.assign(this, { report: null, more: false });
  }

  async load() {
    const [{ items, more }, report] = await Promise.all([list("/v1/complaints", this.most), session.may("lead") ? get("/v1/reports/complaints") : null]);
    Object.assign(this, { more, report });
    this.rows = items.map((each) => ({ each, key: each.ticket_number, href: `/desk/inbox/${each.ticket_number}`, action: null }));
  }

  draw() {
    return html`<div class="stack"><div class="head"><h1>${t("Complaints")} <small>${tn("{n} waits for a decision", "{n} wait for a decision", this.rows.length)}${this.more ? `, ${t("and more")}` : ""}</small></h1></div>
      ${this.rows.length === 0 ? html`<div class="box empty"><h2>${t("No complaint waits for a decision.")}</h2></div>` : html`<div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">${t("Complaints that are not decided")}</caption>
        <thead><tr><th scope="col">${t("Decision")}</th><th scope="col">${t("State")}</th><th scope="col">${t("Investigated by")}</th><th scope="col">${t("Ticket")}</th></tr></thead>
        <tbody>${repeat(this.rows, keyOf, ({ each }, place) => html`<tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td>${each.decide_by ? promise({ due_at: each.decide_by, started_at: each.received_at }) : html`<span class="soft">${t("waits for the customer")}</span>`}</td>
          <td>${tag(words(each.status), each.status === "proposed" ? "risk" : "")}${each.objected_at && each.status !== "objected" ? html` ${tag(t("after an objection"))}` : nothing}</td><td>${each.owner ? person(each.owner) : html`<span class="soft">${t("nobody")}</span>`}</td>
          <td><a class="mono" href="/desk/inbox/${each.ticket_number}">${each.ticket_number}</a></td></tr>`)}</tbody></table></div>`}${this.drawMore(this.more)}
      ${this.report ? this.drawReport(this.report) : nothing}</div>`;
  }

  drawReport({ since, decided, objected, causes, improvements }) {
    return html`<section class="stack" aria-labelledby="causes"><div class="head"><h2 id="causes">${parts("Decided since {at}", { at: at(since) })} <small>${tn("{n} complaint, {objected} objected to", "{n} complaints, {objected} objected to", decided, { objected })}</small></h2>${button({ label: t("Save as CSV"), run: () => this.export() })}</div>
      ${causes.length === 0 ? html`<div class="box empty"><h3>${t("Nothing was decided in this time.")}</h3></div>` : html`<div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">${t("Decided complaints by cause")}</caption>
        <thead><tr><th scope="col">${t("Cause")}</th><th scope="col" class="r">${t("All")}</th><th scope="col" class="r">${t("Upheld")}</th><th scope="col" class="r">${t("Partly")}</th><th scope="col" class="r">${t("Not upheld")}</th><th scope="col" class="r">${t("Paid back")}</th><th scope="col" class="r">${t("Changed something")}</th></tr></thead>
        <tbody>${causes.map((each) => html`<tr><td>${capital(words(each.cause))}</td><td class="r">${each.total}</td><td class="r">${each.upheld}</td><td class="r">${each.partly}</td><td class="r">${each.not_upheld}</td><td class="r">${money(each.refunded)}</td><td class="r">${each.changed}</td></tr>`)}</tbody></table></div>`}
      ${improvements.length ? html`<div class="box"><h2>${t("What was changed because of them")}</h2><ul class="in stack">${improvements.map((each) => html`<li><b>${capital(words(each.cause))}</b> ${each.changed} <a class="mono" href="/desk/inbox/${each.ticket_number}">${each.ticket_number}</a></li>`)}</ul></div>` : nothing}</section>`;
  }

  async export() {
    await this.act(async () => save(await get("/v1/reports/complaints/export"), "complaints.csv"), t("The file is saved."));
  }
}

customElements.define("desk-complaints", Complaints);
