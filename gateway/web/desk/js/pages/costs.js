// Costs: what free shipping and duties cost us, by month, country and SKU; carriers' invoices, looked at before they are
// taken in; and what waits for a person: bills that differ, shipments that no rule knows, rows that match nothing.

import { filledIn } from "../given.js";
import { RowsPage, go, keyOf } from "../page.js";
import { at, button, facts, html, nothing, parts, promise, save, t, tag, tn } from "../parts.js";
import { MONTHS, monthsOf, plot } from "../plot.js";
import { get, list, send, sendFile } from "../session.js";
import { COLOURS, costOf, drawCosts, toldOf } from "../shipment-costs.js";
import { capital, money, words } from "../words.js";

const DAY = 24 * 3600 * 1000;
const PERIODS = [90, 365];
const COMPONENTS = ["freight", "duty", "import_vat", "disbursement", "brokerage", "other", "cost"];
const ENTERED = ["duty", "import_vat", "disbursement", "brokerage"];
const GROUPS = { country: [t("By country"), t("Country")], sku: [t("By SKU"), t("SKU")] };
const OUTCOMES = { counted: "kept", unmatched: "risk", ambiguous: "risk", repeated: "risk", refused: "late" };
const DECISIONS = {
  accept: [t("What was billed is right"), t("It is accepted."), "a"],
  claim: [t("It is wrong: the carrier was told"), t("It is noted. The carrier's credit is uploaded like an invoice."), "c"],
  enter: [t("Enter what is owed"), t("It is entered."), "e"],
  estimate: [t("Estimate again"), t("It is estimated by the rules of now."), "t"],
};
const dollars = (value) => value.toFixed(2);

class Costs extends RowsPage {
  static properties = { days: { state: true }, form: { state: true }, file: { state: true }, taken: { state: true } };
  static follows = ["logistics"];

  shut() {
    return { costs: null, form: null };
  }

  constructor() {
    super();
    Object.assign(this, this.shut(), { days: PERIODS[1], report: null, held: [], more: false, file: null, taken: null });
  }

  get opened() {
    return this.costs && { number: this.costs.shipment_number, version: this.costs.version };
  }

  get period() {
    const until = Date.now();
    return new URLSearchParams({ since: new Date(until - this.days * DAY).toISOString(), until: new Date(until + 60_000).toISOString() });
  }

  async load() {
    const [number] = this.params;
    if (number) {
      const costs = await get(`/v1/shipments/${encodeURIComponent(number)}/costs`);
      if (number === this.params[0]) Object.assign(this, { costs, rows: [] });
      return;
    }
    const [report, held, ...waiting] = await Promise.all([get(`/v1/costs/report?${this.period}`), list("/v1/costs/invoice-rows", this.most), ...["disputed", "no_rule"].map((status) => list(`/v1/costs?status=${status}`, this.most))]);
    if (this.params[0]) return;
    const rows = waiting.flatMap(({ items }) => items).map((each) => ({ ...each, number: each.shipment_number, href: `/desk/costs/${each.shipment_number}` }));
    Object.assign(this, { report, held: held.items, rows, more: [held, ...waiting].some(({ more }) => more) });
  }

  keys() {
    if (this.costs) return this.steps.map((name) => ({ key: DECISIONS[name][2], label: DECISIONS[name][0], run: () => this.show(name) }));
    return [
      ...super.keys(),
      ...PERIODS.map((days, place) => ({ key: String(place + 1), label: t("{days} days", { days }), run: () => this.look(days) })),
      { key: "x", label: t("as a file"), run: () => this.export() },
    ];
  }

  /** The decisions that are open now. */
  get steps() {
    const { status, accrued_at: left, invoiced } = this.costs;
    return Object.entries({
      accept: status === "disputed" || (status === "no_rule" && invoiced),
      claim: status === "disputed",
      enter: status === "no_rule" || (status === "estimated" && !left),
      estimate: status === "no_rule" || (status === "estimated" && !left), // also after an amount was entered
    }).filter(([, open]) => open).map(([name]) => name);
  }

  look(days) {
    this.days = days;
    return this.reload();
  }

  export() {
    return this.act(async () => save(await get(`/v1/costs/report/export?${this.period}`), "costs.csv"), t("The file is saved."));
  }

  show(kind, id = null) {
    this.form = { kind, id };
    this.focusOn("form.decision :is(input, select)");
  }

  /** Say what would become of each row of an invoice; nothing is kept yet. */
  async preview(event) {
    event.preventDefault();
    const file = event.target.elements.file.files[0];
    await this.act(async () => {
      Object.assign(this, { file: null, taken: null });
      const text = await file.text();
      this.file = { name: file.name, text, ...(await sendFile("/v1/costs/invoices/preview", text, "text/csv")) };
    }, t("This is what would become of it."));
    if (this.file) this.focusOn(".preview .btn");
  }

  async takeIn() {
    await this.act(async () => {
      this.taken = await sendFile("/v1/costs/invoices", this.file.text, "text/csv");
      this.file = null;
    }, t("The invoice is taken in."));
  }

  async decide(event) {
    event.preventDefault();
    const { kind } = this.form, given = filledIn(event.target);
    const done = await this.act(() => send("POST", `/v1/shipments/${this.costs.shipment_number}/costs`, { decision: kind, ...given }, { version: this.costs.version }), DECISIONS[kind][1]);
    if (done) this.form = null;
  }

  async settle(event) {
    event.preventDefault();
    const { kind, id } = this.form, given = filledIn(event.target);
    await this.finish("form", () => send("POST", `/v1/costs/invoice-rows/${id}`, { decision: kind, ...given }), t("The row is settled."));
  }

  draw() {
    if (this.costs) return this.drawOne(this.costs);
    return this.away ? this.drawNone(t("Costs"), t("Nothing is open.")) : this.drawAll();
  }

  drawAll() {
    const { items, without_rule: without } = this.report;
    const all = items.length > 1 && items.find(({ by }) => by === "all"); // without countries and months it is a row of zeros
    return html`<div class="head"><h1>${t("Costs")} <small>${all ? t("free shipping and duties: {cost}", { cost: money(all.cost) }) : t("nothing yet in these days")}</small></h1>
        <div class="acts">${PERIODS.map((days, place) => button({ key: String(place + 1), label: t("{days} days", { days }), go: days === this.days, run: () => this.look(days) }))}${button({ key: "x", label: t("As a file"), run: () => this.export() })}</div></div>
      <form class="box in acts" @submit=${this.preview}><label for="file">${t("A carrier's invoice (CSV)")}</label><input id="file" name="file" type="file" accept=".csv,text/csv" required><button class="btn" ?disabled=${this.busy}>${t("See what becomes of it")}</button></form>
      <div class="stack">${this.file ? this.drawFile(this.file) : nothing}${this.taken ? this.drawTaken(this.taken) : nothing}
      ${without ? html`<p class="note risk">${tn("Of {n} shipment only postage and what was billed is counted: no rule says what more it costs.", "Of {n} shipments only postage and what was billed is counted: no rule says what more they cost.", without)}</p>` : nothing}
      ${this.drawWaiting()}${this.drawHeld()}${all ? this.drawReport(items) : nothing}</div>${this.drawMore(this.more)}`;
  }

  drawFile(file) {
    return html`<section class="box preview draft" aria-label=${t("What would become of it")}><h2>${file.name}: ${t("{counted} would count", { counted: money(file.counted) })} <span class="soft">${t("{held} for a person, {known} known, {refused} refused", file)}</span></h2>
      ${this.drawRows(file.rows)}
      <div class="in acts">${button({ label: t("Take it in"), go: true, run: () => this.takeIn(), disabled: this.busy, hidden: file.rows.length === file.known + file.refused })}${button({ label: t("Leave it"), run: () => (this.file = null) })}</div></section>`;
  }

  drawTaken(taken) {
    return html`<div class="note kept" role="status"><p>${t("{counted} counts; {held} for a person, {known} known, {refused} refused.", { counted: money(taken.counted), held: taken.held, known: taken.known, refused: taken.refused })} ${taken.differences.length ? tn("{n} shipment is billed otherwise than expected.", "{n} shipments are billed otherwise than expected.", taken.differences.length) : nothing}</p></div>`;
  }

  drawRows(rows) {
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("Rows")}><table><caption class="vh">${t("Rows of the invoice")}</caption><thead><tr><th scope="col" class="r">${t("Row")}</th><th scope="col">${t("Number")}</th><th scope="col">${t("What")}</th><th scope="col">${t("Becomes")}</th><th scope="col" class="r">${t("Amount")}</th></tr></thead>
      <tbody>${rows.map((row) => html`<tr><td class="r">${row.row}</td><td><span class="mono">${row.tracking_number ?? "–"}</span><span class="d">${row.invoice ?? ""}</span></td><td>${row.charge ? capital(words(row.charge)) : "–"}</td><td>${tag(words(row.outcome), OUTCOMES[row.outcome])}<span class="d">${row.detail ?? row.shipment_number ?? ""}</span></td><td class="r nw">${row.amount ? money(row.amount) : "–"}</td></tr>`)}</tbody></table></div>`;
  }

  drawWaiting() {
    if (this.rows.length === 0) return html`<div class="box empty"><h2>${t("No bill waits for you.")}</h2></div>`;
    return html`<section class="box scroll" tabindex="0" aria-label=${t("In front of a person")}><h2>${t("In front of a person")} <span class="soft">${tn("{n} shipment", "{n} shipments", this.rows.length)}</span></h2><table class="rows"><caption class="vh">${t("Shipments whose costs wait for a person")}</caption>
      <thead><tr><th scope="col">${t("Promise")}</th><th scope="col">${t("Shipment")}</th><th scope="col">${t("State")}</th><th scope="col" class="r">${t("Owed")}</th><th scope="col" class="r">${t("Billed")}</th></tr></thead>
      <tbody>${this.long.draw("costs", this.rows, keyOf, (each, place) => html`<tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td>${each.due_at ? promise({ due_at: each.due_at }) : html`<span class="soft">${toldOf(each) || "–"}</span>`}</td><td><a class="t mono" href=${each.href}>${each.shipment_number}</a><span class="d">${each.country}</span></td>
        <td>${tag(words(each.status), COLOURS[each.status])}</td><td class="r nw">${each.accrued ? money(each.accrued) : "–"}</td><td class="r nw">${each.invoiced ? money(each.invoiced) : "–"}</td></tr>`)}</tbody></table></section>`;
  }

  drawHeld() {
    if (this.held.length === 0) return nothing;
    return html`<section class="box scroll" tabindex="0" aria-label=${t("Rows of invoices that wait")}><h2>${t("Rows of invoices that wait")} <span class="soft">${tn("{n} row", "{n} rows", this.held.length)}</span></h2><table><caption class="vh">${t("Rows of invoices that match nothing, or twice")}</caption>
      <thead><tr><th scope="col">${t("Invoice")}</th><th scope="col">${t("What")}</th><th scope="col">${t("State")}</th><th scope="col" class="r">${t("Amount")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
      ${this.held.map((row) => html`<tbody><tr><td>${row.invoice}<span class="d mono">${row.tracking_number}</span></td><td>${capital(words(row.charge))}</td><td>${tag(words(row.outcome), "risk")}<span class="d">${at(row.uploaded_at)}</span></td><td class="r nw">${money(row.amount)}</td><td class="r"><span class="acts end">${button({ label: t("Count it"), run: () => this.show("count", row.id) })}${button({ label: t("It does not count"), run: () => this.show("dismiss", row.id) })}</span></td></tr>
        ${this.form?.id === row.id ? html`<tr><td colspan="5">${this.drawSettling(row)}</td></tr>` : nothing}</tbody>`)}</table></section>`;
  }

  drawSettling(row) {
    const { kind } = this.form;
    return html`<form class="stack decision" @submit=${this.settle}>${kind === "count" ? html`<div class="field"><label for="row-shipment">${t("Of which shipment it is")}</label><input id="row-shipment" name="shipment_number" required maxlength="20" placeholder="SHP-…" .value=${row.shipment_number ?? ""}></div>` : nothing}
      <div class="field"><label for="row-note">${t("Why")}</label><input id="row-note" name="note" required maxlength="500"></div>
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${kind === "count" ? t("Count it") : t("It does not count")}</button><button type="button" class="btn" @click=${() => (this.form = null)}>${t("Back")}</button></div></form>`;
  }

  drawReport(items) {
    const months = monthsOf(items.filter(({ by }) => by === "month"), ({ cost }) => Number(cost.amount));
    return html`<section class="box"><h2>${t("What it cost")} <span class="soft">${t("month by month, in USD")}</span></h2><div class="in">${plot(t("What it cost"), months, dollars, null, MONTHS)}</div></section>
      ${Object.entries(GROUPS).map(([by, [title, head]]) => html`<section class="box scroll" tabindex="0" aria-label=${title}><h2>${title}</h2><table><caption class="vh">${title}</caption><thead><tr><th scope="col">${head}</th>${COMPONENTS.map((each) => html`<th scope="col" class="r">${each === "cost" ? t("All") : capital(words(each))}</th>`)}</tr></thead>
        <tbody>${items.filter((row) => row.by === by).map((row) => html`<tr><th scope="row">${row.name}</th>${COMPONENTS.map((each) => html`<td class="r nw">${row[each].amount}</td>`)}</tr>`)}</tbody></table></section>`)}`;
  }

  drawOne(costs) {
    return html`<div class="head"><h1><span class="mono">${costs.shipment_number}</span> <small>${costOf(costs)}</small></h1><div class="acts">${this.steps.map((name) => button({ key: DECISIONS[name][2], label: DECISIONS[name][0], run: () => this.show(name) }))}</div></div>
      ${this.form ? this.drawDecision() : nothing}
      <div class="two"><div class="stack">${drawCosts(costs)}</div><aside class="stack" aria-label=${t("State")}><section class="box"><h2>${t("State")}</h2><div class="in stack">
        <p>${tag(words(costs.status), COLOURS[costs.status])} ${costs.due_at ? promise({ due_at: costs.due_at }) : toldOf(costs) || nothing}</p>
        ${facts([t("Difference"), costs.difference && money(costs.difference)], [t("To"), costs.country], [t("Estimated"), at(costs.estimated_at)], [t("Left"), costs.accrued_at && at(costs.accrued_at)], [t("Order"), html`<a class="mono" href="/desk/orders/${costs.order_number}">${costs.order_number}</a>`])}
        <p><a href="/desk/costs">${t("All costs")}</a></p></div></section></aside></div>`;
  }

  drawDecision() {
    const { kind } = this.form;
    return html`<form class="box in stack decision" @submit=${this.decide} aria-label=${DECISIONS[kind][0]}><h2>${DECISIONS[kind][0]}</h2>
      ${kind === "enter" ? ENTERED.map((each) => html`<div class="field"><label for="cost-${each}">${capital(words(each))}, USD</label><input id="cost-${each}" name=${each} inputmode="decimal" pattern="\\d+\\.\\d\\d" placeholder="0.00" ?required=${each === "duty"}></div>`) : nothing}
      <div class="field"><label for="cost-note">${t("Why")}</label><input id="cost-note" name="note" required maxlength="500"></div>
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${DECISIONS[kind][0]}</button><button type="button" class="btn" @click=${() => (this.form = null)}>${t("Back")}</button></div></form>`;
  }
}

customElements.define("desk-costs", Costs);
