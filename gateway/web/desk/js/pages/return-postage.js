// What sending the goods back has cost the customer: pay it back, or decline it on a ground, with a second person.

import { LitElement, at, button, facts, html, nothing, parts, t, tag } from "../parts.js";
import { session } from "../session.js";
import { capital, money, person, words } from "../words.js";

const GROUNDS = ["no_receipt", "not_this_return", "amount_differs", "paid_back_already"];
const UNDECIDED = ["asked", "unconfirmed", "disputed"];
const COLOURS = { accepted: "kept", declined: "late", disputed: "risk", unconfirmed: "risk" };
const mine = (actor) => person(actor) === session.email;

class Postage extends LitElement {
  static properties = { of: { attribute: false }, page: { attribute: false }, declining: { state: true } };

  constructor() {
    super();
    this.declining = null;
  }

  createRenderRoot() {
    return this;
  }

  barred(each) {
    if (mine(each.asked_by) || mine(this.of.requested_by)) return t("You asked for it, so another person decides.");
    if (each.outcome !== "asked" && mine(each.found_by)) return t("You found it; a second person has to agree.");
    return "";
  }

  decide(each, wish, said) {
    return this.page.post("postage/decision", { postage: each.postage, ...wish }, said);
  }

  async decline(event, each) {
    event.preventDefault();
    const { ground, note } = Object.fromEntries(new FormData(event.target));
    if (await this.decide(each, { decision: "decline", ground, note }, each.outcome === "disputed" ? t("It is declined, and the customer told.") : t("A second person has to agree."))) this.declining = null;
  }

  async show(each) {
    this.declining = each.postage;
    await this.updateComplete;
    this.querySelector("#postage-ground")?.focus();
  }

  render() {
    return html`<section class="box"><h2>${t("Postage")} <span class="soft">${t("what sending it back has cost")}</span></h2><ul class="in stack">${this.of.postage.map((each) => this.draw(each))}</ul></section>`;
  }

  draw(each) {
    const open = UNDECIDED.includes(each.outcome), barred = open ? this.barred(each) : "";
    return html`<li class="stack"><p><b>${money(each.amount)}</b> ${tag(words(each.outcome), COLOURS[each.outcome])} <span class="d">${each.asked_by ? parts("asked {at} by {person}", { at: at(each.asked_at), person: person(each.asked_by) }) : parts("asked {at}", { at: at(each.asked_at) })}</span></p>
      ${facts([t("Receipt"), each.receipt], [t("Ground"), each.ground && words(each.ground)], [t("Words"), each.note], [t("Found by"), each.found_by && person(each.found_by)], [t("Confirmed by"), each.confirmed_by && person(each.confirmed_by)], [t("Its money"), each.status && words(each.status)])}
      ${this.page.evidenceOf(each.evidence, `postage ${each.postage}`)}
      ${!open ? nothing : barred ? html`<p class="note draft">${barred}</p>` : this.declining === each.postage ? this.drawDecline(each) : html`<div class="acts">${button({ label: t("Pay it back"), go: true, run: () => this.decide(each, { decision: "accept" }, t("It is decided.")), disabled: this.page.busy })}${button({ label: each.outcome === "disputed" ? t("Agree to decline") : t("Decline"), stop: true, run: () => this.show(each) })}</div>`}</li>`;
  }

  drawDecline(each) {
    return html`<form class="stack" @submit=${(event) => this.decline(event, each)}><div class="field"><label for="postage-ground">${t("Ground")}</label><select id="postage-ground" name="ground">${GROUNDS.map((ground) => html`<option value=${ground} ?selected=${ground === each.ground}>${capital(words(ground))}</option>`)}</select></div>
      <label for="postage-note">${t("Why, in words for the customer")}</label><textarea id="postage-note" name="note" rows="2" required maxlength="2000" .defaultValue=${each.note}></textarea>
      <div class="acts"><button class="btn stop" ?disabled=${this.page.busy}>${t("Decline")}</button><button type="button" class="btn" @click=${() => (this.declining = null)}>${t("Back")}</button></div></form>`;
  }
}

customElements.define("desk-postage", Postage);
