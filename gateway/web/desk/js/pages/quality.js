// Quality: a lead reads some answers of others, and says how polite, truthful and complete each is; agents see what was
// found of theirs. Leads also see what was found by person, and answers before buying that rest on nothing.

import { RowsPage, keyOf } from "../page.js";
import { at, button, facts, html, nothing, repeat, t, tag, tn } from "../parts.js";
import { get, list, send, session } from "../session.js";
import { person } from "../words.js";

const WHY = { sample: t("drawn by lot"), sent_back: t("sent back"), low_rating: t("badly rated") };
const MARKS = { polite: t("Polite"), truthful: t("Truthful"), complete: t("Complete") };
const MEANS = [t("1: not at all"), t("2: hardly"), t("3: partly"), t("4: mostly"), t("5: fully")];
const DAYS = 90;

class Quality extends RowsPage {
  static properties = { open: { state: true } };
  static follows = ["support"];

  constructor() {
    super();
    Object.assign(this, { open: null, report: [], bare: [] });
  }

  get drafted() {
    return this.open && this.from;
  }

  async load() {
    const leads = session.may("lead"), until = new Date(), since = new Date(until.getTime() - DAYS * 86_400_000);
    const [{ items, more }, report, bare] = await Promise.all([
      list("/v1/quality", this.most),
      leads ? get(`/v1/reports/quality?since=${since.toISOString()}&until=${until.toISOString()}`) : { items: [] },
      leads ? get("/v1/reports/without-basis?limit=20") : { items: [] },
    ]);
    items.sort((one, other) => Boolean(one.read_at) - Boolean(other.read_at)); // what waits stands first
    Object.assign(this, { more, report: report.items, bare: bare.items });
    this.rows = items.map((each) => ({ each, key: each.id, href: `/desk/inbox/${each.ticket_number}`, action: leads && !each.read_at ? { key: "s", label: t("Read it"), run: () => this.show(each) } : null }));
    if (!this.rows.some(({ key }) => key === this.open)) this.open = null;
  }

  show(each) {
    Object.assign(this, { open: each.id, from: each });
    this.focusOn("#polite-5");
  }

  async send(event, each) {
    event.preventDefault();
    const { polite, truthful, complete, note } = Object.fromEntries(new FormData(event.target));
    const body = { polite: Number(polite), truthful: Number(truthful), complete: Number(complete), ...(note.trim() ? { note: note.trim() } : {}) };
    const done = await this.finish("open", () => send("POST", `/v1/quality/${each.id}`, body, { version: this.from.version }), t("Its author sees what you found."));
    if (!done && this.problem?.code === "version_moved") this.from = this.rows.find(({ key }) => key === each.id)?.each ?? this.from; // what moved was told; what is sent then is meant
  }

  draw() {
    const waiting = this.rows.filter(({ each }) => !each.read_at).length, leads = session.may("lead");
    return html`<div class="head"><h1>${t("Quality")} <small>${leads ? tn("{n} answer to read", "{n} answers to read", waiting) : t("what was found of your answers")}</small></h1></div>
      ${this.rows.length === 0 ? html`<div class="box empty"><h2>${leads ? t("No answer of another person waits to be read.") : t("None of your answers was read yet.")}</h2></div>` : html`<div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">${t("Answers that are read")}</caption>
        <thead><tr><th scope="col">${t("Why")}</th><th scope="col">${t("Answer")}</th><th scope="col">${t("Author")}</th><th scope="col">${t("Found")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${repeat(this.rows, keyOf, (row, place) => this.drawRow(row, place))}</table></div>`}${this.drawMore(this.more)}
      ${leads ? html`<div class="pair found">${this.drawBare()}${this.drawReport()}</div>` : nothing}`;
  }

  drawRow({ each, action }, place) {
    return html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td>${tag(WHY[each.reason], each.reason === "sample" ? "" : "risk")}<span class="d">${at(each.answered_at)}</span></td>
      <td><a class="mono" href="/desk/inbox/${each.ticket_number}">${each.ticket_number}</a><span class="d whole">${each.answer.slice(0, 240)}</span></td><td>${person(each.agent)}</td>
      <td>${each.read_at ? html`${Object.entries(MARKS).map(([name, label]) => html`${label} ${each[name]} `)}<span class="d whole">${each.note ?? ""} ${person(each.read_by)} ${at(each.read_at)}</span>` : html`<span class="soft">${t("not read yet")}</span>`}</td>
      <td class="r">${action ? button({ ...action, run: () => { this.here = place; action.run(); } }) : nothing}</td></tr>
      ${this.open === each.id ? html`<tr><td colspan="5">${this.drawForm(each)}</td></tr>` : nothing}</tbody>`;
  }

  drawForm(each) {
    return html`<form class="stack" @submit=${(event) => this.send(event, each)}>${facts([t("The customer wrote"), each.question], [t("Answer"), each.answer], [t("Rated"), each.score && t("{score} of 5", { score: each.score })], [t("What was said of it"), each.remark])}
      ${Object.entries(MARKS).map(([name, label]) => html`<fieldset class="marks"><legend>${label}</legend>${MEANS.map((meaning, place) => html`<label class="choice"><input type="radio" name=${name} id="${name}-${place + 1}" value=${place + 1} required> ${meaning}</label>`)}</fieldset>`)}
      <div class="field"><label for="quality-note">${t("A word for its author, if any")}</label><textarea id="quality-note" name="note" rows="2" maxlength="2000"></textarea></div>
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${t("Save")}<kbd aria-hidden="true">${t("Ctrl ↵")}</kbd></button><button type="button" class="btn" @click=${() => (this.open = null)}>${t("Back")}</button></div></form>`;
  }

  drawReport() {
    return html`<section class="box" aria-label=${t("By person")}><h2>${t("By person, answers of the last {days} days", { days: DAYS })}</h2>
      ${this.report.length ? html`<ul class="in stack">${this.report.map((row) => html`<li>${person(row.agent)} <span class="d">${t("{read} read, {open} to read", { read: row.read, open: row.open })}${row.read ? Object.entries(MARKS).map(([name, label]) => html` · ${label} ${row[name].toFixed(2)}`) : nothing}</span></li>`)}</ul>` : html`<p class="in soft">${t("No answer was drawn.")}</p>`}</section>`;
  }

  drawBare() {
    return html`<section class="box" aria-label=${t("Answers before buying that rest on nothing")}><h2>${t("Answers before buying that rest on nothing")}</h2>
      ${this.bare.length ? html`<ul class="in stack">${this.bare.map((each) => html`<li><a href="/desk/inbox/${each.ticket_number}">${each.subject}</a> <span class="d">${person(each.answered_by)} ${at(each.posted_at)}</span><span class="d whole">${each.body.slice(0, 240)}</span></li>`)}</ul>` : html`<p class="in soft">${t("None: each names a product or an article.")}</p>`}</section>`;
  }
}

customElements.define("desk-quality", Quality);
