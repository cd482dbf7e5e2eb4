// The label of a box at the pack station: what carriers would take, the one that is bought, and what became of others.

import { LitElement, button, facts, html, nothing, t, tag, tn } from "./parts.js";
import { money, words } from "./words.js";

const STANDS = { wanted: t("is being bought"), bought: t("bought"), used: t("used"), voiding: t("given back, its money is awaited"), voided: t("given back, and its money too"), not_refunded: t("given back, the carrier keeps the money"), failed: t("not bought") };
const COLOURS = { wanted: "risk", bought: "kept", used: "kept", not_refunded: "late", failed: "late" };

/** The label that is wanted or bought, if there is one. */
export const live = (labels) => labels?.items.find(({ status }) => ["wanted", "bought"].includes(status)) ?? null;

/** The label that is bought, if there is one. */
export const bought = (labels) => labels?.items.find(({ status }) => status === "bought") ?? null;

const named = ({ carrier, service }) => [words(carrier), words(service)].filter(Boolean).join(" ");

class Labels extends LitElement {
  static properties = { of: { attribute: false }, rates: { attribute: false }, page: { attribute: false }, busy: { type: Boolean } };

  createRenderRoot() {
    return this;
  }

  render() {
    const label = live(this.of), others = this.of.items.filter((each) => each !== label);
    return html`<section class="stack" aria-label=${t("Postage")}>${label ? this.drawLabel(label) : this.page.mayBuy ? this.drawRates() : nothing}
      ${others.length ? html`<ul class="stack">${others.map((each) => html`<li>${named(each)}, ${money(each.amount)} ${tag(STANDS[each.status], COLOURS[each.status] ?? (each.problem ? "risk" : undefined))}${each.problem ? html`<span class="d">${each.problem.detail}</span>` : nothing}</li>`)}</ul>` : nothing}</section>`;
  }

  drawLabel(label) {
    const { page } = this, paid = label.status === "bought";
    return html`${facts([t("Label"), html`${named(label)} ${tag(STANDS[label.status], COLOURS[label.status])}`], [t("Costs us"), money(label.amount)], [t("Number"), label.tracking_number && html`<span class="mono">${label.tracking_number}</span>`])}
      ${paid ? nothing : html`<p class="note draft">${t("The carrier has not answered yet, and is asked again by itself. If the box must leave now, hand it over with another label: this one is given back then.")}</p>`}
      <div class="acts">${button({ label: t("Print the label"), go: true, run: () => page.printLabel(), hidden: !paid, disabled: this.busy })}${button({ label: t("Give it back"), run: () => page.giveBack(label), disabled: this.busy })}</div>`;
  }

  drawRates() {
    const { page, rates } = this;
    return html`${rates ? html`<ol class="rates stack" aria-label=${t("Rates")}>${rates.rates.map((each, at) => html`<li><button type="button" class="btn" ?disabled=${this.busy} @click=${() => page.buy(each)} aria-keyshortcuts=${at + 1}><kbd aria-hidden="true">${at + 1}</kbd> <span>${named(each)}${each.days === null ? nothing : html`<span class="d">${tn("{n} day", "{n} days", each.days)}</span>`}</span> <b>${money(each.amount)}</b></button></li>`)}</ol>
        ${rates.rates.length ? nothing : html`<p>${t("No carrier offers a label for this box. Name a carrier below, and scan a label that you have.")}</p>`}
        ${rates.problems.length ? html`<ul class="stack">${rates.problems.map((each) => html`<li class="note draft">${words(each.seller)}: ${each.detail}</li>`)}</ul>` : nothing}` : nothing}
      ${button({ label: rates ? t("Compare again") : t("Compare rates"), go: !rates, run: () => page.askRates(), disabled: this.busy })}`;
  }
}

customElements.define("desk-labels", Labels);
