// What a shipment costs us beside its goods: one line beside it for leads, and the whole of it on its page of Costs.

import { LitElement, at, facts, html, nothing, parts, t, tag } from "./parts.js";
import { get, session } from "./session.js";
import { capital, money, person, words } from "./words.js";

export const COLOURS = { reconciled: "kept", disputed: "late", no_rule: "risk", invoiced: "draft" };
const shown = (amount) => (amount ? money(amount) : html`<span class="soft">–</span>`);

/** The best that is known, or that nothing is. */
export const costOf = ({ cost }) => (cost ? money(cost) : t("not known: no rule says it"));

/** Of a bill that is claimed: since when its carrier knows; nobody need decide about it until it answers. */
export const toldOf = ({ status, due_at: due, decision }) => status === "disputed" && !due && decision?.decision === "claim" && parts("the carrier was told {day}", { day: at(decision.at) });

/** Each component as it was estimated, owed and billed; what is missing; the rows of invoices; who decided. */
export function drawCosts(costs) {
  const { components, missing, rows, decision } = costs;
  return html`<section class="box scroll" tabindex="0" aria-label=${t("Costs")}><h2>${t("What it costs us")} <span class="soft">${t("the customer pays 0.00")}</span></h2><table><caption class="vh">${t("Costs of the shipment")}</caption>
      <thead><tr><th scope="col">${t("What")}</th><th scope="col" class="r">${t("Estimated")}</th><th scope="col" class="r">${t("Owed")}</th><th scope="col" class="r">${t("Billed")}</th></tr></thead>
      <tbody>${components.map((each) => html`<tr><th scope="row">${capital(words(each.component))}</th><td class="r nw">${shown(each.estimated)}</td><td class="r nw">${shown(each.accrued)}</td><td class="r nw">${shown(each.invoiced)}</td></tr>`)}
      <tr><th scope="row">${t("All")}</th><td class="r nw">${shown(costs.estimated)}</td><td class="r nw">${shown(costs.accrued)}</td><td class="r nw">${shown(costs.invoiced)}</td></tr></tbody></table></section>
    ${missing.length ? html`<section class="box"><h2>${t("No rule says this")}</h2><ul class="in">${missing.map((each) => html`<li>${capital(words(each.component))} <span class="d mono">${each.sku ?? ""}</span></li>`)}</ul></section>` : nothing}
    ${decision ? html`<section class="box"><h2>${t("Decided")}</h2><div class="in">${facts([t("What"), capital(words(decision.decision))], [t("By"), person(decision.by)], [t("When"), at(decision.at)], [t("Why"), decision.note])}</div></section>` : nothing}
    ${rows.length ? html`<section class="box scroll" tabindex="0" aria-label=${t("Rows of invoices")}><h2>${t("Rows of invoices")}</h2><table><caption class="vh">${t("Rows of carriers' invoices")}</caption><thead><tr><th scope="col">${t("Invoice")}</th><th scope="col">${t("What")}</th><th scope="col">${t("State")}</th><th scope="col" class="r">${t("Amount")}</th></tr></thead>
      <tbody>${rows.map((row) => html`<tr><td>${row.invoice}<span class="d mono">${row.tracking_number}</span></td><td>${capital(words(row.charge))}</td><td>${words(row.outcome)}<span class="d">${row.note ?? ""}</span></td><td class="r nw">${money(row.amount)}</td></tr>`)}</tbody></table></section>` : nothing}`;
}

/** One line: what the shipment costs, for who may know it. `of`: what is shown beside it; read again when that is. */
class ShipmentCosts extends LitElement {
  static properties = { number: { attribute: false }, of: { attribute: false }, costs: { state: true } };

  createRenderRoot() {
    return this;
  }

  willUpdate(changed) {
    if (!session.may("lead") || !(changed.has("number") || changed.has("of"))) return;
    const { number } = this;
    if (this.costs?.shipment_number !== number) this.costs = null;
    get(`/v1/shipments/${number}/costs`).then((costs) => number === this.number && (this.costs = costs), () => null); // what is beside it is there without
  }

  render() {
    const { costs } = this;
    if (!costs) return nothing;
    const link = (text) => html`<a href="/desk/costs/${costs.shipment_number}">${text}</a>`;
    return html`<p>${costs.cost ? parts("Costs us {cost}", { cost: link(money(costs.cost)) }) : link(t("No rule says what it costs us"))} ${tag(words(costs.status), COLOURS[costs.status])}</p>`;
  }
}

customElements.define("desk-shipment-costs", ShipmentCosts);
