// Suggestions: what customers want to be better. A lead reads it, puts it into words for the board, and takes each step.

import { RowsPage, keyOf } from "../page.js";
import { at, button, facts, html, nothing, promise, repeat, t, tag, tn } from "../parts.js";
import { list, send, session } from "../session.js";
import { capital, words } from "../words.js";

const NEXT = { received: ["reviewed"], reviewed: ["planned", "declined"], planned: ["done", "declined"], declined: ["reviewed"], done: ["announced"], announced: [] };
const DOES = { reviewed: t("Reviewed: we have read it"), planned: t("Planned: we do it"), declined: t("Declined: we do not do it"), done: t("Done"), announced: t("Announced to the public") };

class Suggestions extends RowsPage {
  static properties = { open: { state: true } };
  static follows = ["support"];

  constructor() {
    super();
    Object.assign(this, { open: null, more: false });
  }

  get drafted() {
    return this.open && this.from;
  }

  async load() {
    const { items, more } = await list("/v1/suggestions", this.most);
    this.more = more;
    const waits = (each) => each.review_by ?? "9";
    items.sort((one, other) => waits(one).localeCompare(waits(other)));
    this.rows = items.map((each) => ({ each, key: each.id, href: `/desk/inbox/${each.ticket_number}`, action: session.may("lead") ? { key: "s", label: t("Decide"), run: () => this.show(each) } : null }));
    if (!this.rows.some(({ key }) => key === this.open)) this.open = null;
  }

  show(each) {
    Object.assign(this, { open: each.id, from: each });
    this.focusOn("#suggestion-step");
  }

  async decide(event, each) {
    event.preventDefault();
    const { status, title, text, reason, link, shown } = Object.fromEntries(new FormData(event.target));
    const written = Object.fromEntries(Object.entries({ title, text, reason, link }).filter(([, value]) => value?.trim()));
    const told = status === each.status ? t("The words are changed; nobody is told.") : t("Its author and followers are told.");
    const done = await this.finish("open", () => send("POST", `/v1/suggestions/${each.id}/move`, { status, public: shown === "on", ...written }, { version: this.from.version }), told);
    if (!done && this.problem?.code === "version_moved") this.from = this.rows.find(({ key }) => key === each.id)?.each ?? this.from; // what moved was told; what is sent then is meant
  }

  draw() {
    const undecided = this.rows.filter(({ each }) => ["received", "reviewed"].includes(each.status)).length;
    return html`<div class="head"><h1>${t("Suggestions")} <small>${tn("{n} waits for a decision", "{n} wait for a decision", undecided)}</small></h1></div>
      ${this.rows.length === 0 ? html`<div class="box empty"><h2>${t("No customer has suggested anything yet.")}</h2></div>` : html`<div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">${t("What customers suggested")}</caption>
        <thead><tr><th scope="col">${t("Promise")}</th><th scope="col">${t("State")}</th><th scope="col">${t("For the board")}</th><th scope="col">${t("Ticket")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${repeat(this.rows, keyOf, (row, place) => this.drawRow(row, place))}</table></div>`}${this.drawMore(this.more)}`;
  }

  drawRow({ each, action }, place) {
    return html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td>${each.review_by ? promise({ due_at: each.review_by, started_at: each.received_at }) : html`<span class="soft">${at(each.moved_at)}</span>`}</td>
      <td>${tag(words(each.status))}${each.public ? html` ${tag(t("on the board"), "kept")}` : nothing}</td>
      <td><span class="t">${each.title ?? t("no words yet")}</span>${each.followers ? html`<span class="d">${tn("{n} follower", "{n} followers", each.followers)}</span>` : nothing}</td>
      <td><a class="mono" href="/desk/inbox/${each.ticket_number}">${each.ticket_number}</a></td>
      <td class="r">${action ? button({ ...action, run: () => { this.here = place; action.run(); } }) : nothing}</td></tr>
      ${this.open === each.id ? html`<tr><td colspan="5">${this.drawForm(each)}</td></tr>` : nothing}</tbody>`;
  }

  drawForm(each) {
    return html`<form class="stack" @submit=${(event) => this.decide(event, each)}>${facts([t("Received"), at(each.received_at)], [t("What the customer wrote"), html`<a href="/desk/inbox/${each.ticket_number}">${each.ticket_number}</a>`])}
      <div class="field"><label for="suggestion-step">${t("Step")}</label><select id="suggestion-step" name="status">${NEXT[each.status].map((step) => html`<option value=${step}>${DOES[step]}</option>`)}${each.status === "received" ? nothing : html`<option value=${each.status}>${t("{status}, as it is: change the words alone", { status: capital(words(each.status)) })}</option>`}</select></div>
      <div class="field"><label for="suggestion-title">${t("Title, in our words: no names, no numbers of cases")}</label><input id="suggestion-title" name="title" maxlength="120" .defaultValue=${each.title ?? ""}></div>
      <div class="field"><label for="suggestion-text">${t("Text for the board")}</label><textarea id="suggestion-text" name="text" rows="3" maxlength="2000" .defaultValue=${each.text ?? ""}></textarea></div>
      <div class="field"><label for="suggestion-reason">${t("If declined: the reason, for the customer and the board")}</label><textarea id="suggestion-reason" name="reason" rows="2" maxlength="2000" .defaultValue=${each.reason ?? ""}></textarea></div>
      <div class="field"><label for="suggestion-link">${t("If done: the page or release that did it (https://… or /…)")}</label><input id="suggestion-link" name="link" maxlength="500" .defaultValue=${each.link ?? ""}></div>
      <label class="choice"><input type="checkbox" name="shown" ?checked=${each.public}> ${t("The public board shows it")}</label>
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${t("Save and tell")}</button><button type="button" class="btn" @click=${() => (this.open = null)}>${t("Back")}</button></div></form>`;
  }
}

customElements.define("desk-suggestions", Suggestions);
