// Parcels: those that need somebody (late, stuck, lost), or those that were looked for; corrections, deliveries with evidence, what customers were asked
// about parcels that do not arrive, and scans that found none. `?scans=dismissed` shows those that were none of ours.

import { filledIn } from "../given.js";
import { RowsPage, go, keyOf } from "../page.js";
import { factsOf } from "../parcel-facts.js";
import { at, button, facts, html, nothing, parts, promise, t, tag, tn } from "../parts.js";
import { get, list, send, session } from "../session.js";
import { any, capital, person, words } from "../words.js";

const WORRIES = ["late", "stuck", "at_risk", "no_data"];
const COLOURS = { late: "late", stuck: "late", at_risk: "risk", no_data: "risk" };
const REASONS = ["lost", "not_received", "refused", "returning", "returned", "never_scanned", "late", "cancelled"];
const FORMS = { correct: t("Correct the number or carrier"), delivery: t("Record a delivery"), denial: t("It is not delivered"), attach: t("Attach to a parcel"), dismiss: t("It is no parcel of ours"), ask: t("Ask the customer what to do"), goods: t("The goods are back on the shelf") };
const SAID = { ask: t("The customer is asked."), dismiss: t("It is dismissed. V shows what was.") };
const PARCEL = /^(SHP-\w{4}-\w{4}-\w)(?:-(\d{2}))?$/;
const mine = (parcels, number) => parcels.filter((parcel) => parcel.startsWith(number));

class Parcels extends RowsPage {
  static properties = { form: { state: true } };
  static follows = ["logistics", "orders"];

  constructor() {
    super();
    Object.assign(this, { form: null, scans: [], parcels: [], remedies: [], more: false, dismissed: false });
  }

  get q() {
    return new URLSearchParams(location.search).get("q") ?? "";
  }

  look(event) {
    event.preventDefault();
    const q = new FormData(event.target).get("q").trim();
    go(`/desk/parcels${q ? `?q=${encodeURIComponent(q)}` : ""}`);
  }

  async load() {
    const { search } = location;
    if (new URLSearchParams(search).get("scans") === "dismissed") return this.loadDismissed(search);
    const wanted = this.q ? [`q=${encodeURIComponent(this.q)}`] : WORRIES.map((health) => `health=${health}`);
    const none = { items: [], more: false };
    const [scans, remedies, ...parts] = await Promise.all([list("/v1/scans/unmatched", this.most), session.may("agent", "lead", "warehouse") ? list("/v1/remedies", this.most) : none, ...wanted.map((query) => list(`/v1/shipments?${query}`, this.most))]);
    if (search !== location.search) return;
    this.dismissed = false;
    const shipments = new Map(parts.flatMap(({ items }) => items).map((each) => [each.number, each]));
    this.more = [scans, remedies, ...parts].some(({ more }) => more);
    const open = ({ delivered_at: done, closed_at: closed }) => this.q || (!done && !closed);
    this.parcels = [...shipments.values()].flatMap((shipment) => shipment.parcels.filter(open).map((parcel) => this.rowOf(shipment, parcel)));
    this.remedies = await Promise.all(remedies.items.map((remedy) => this.rowOfRemedy(remedy, shipments)));
    this.scans = scans.items.map((scan) => this.rowOfScan(scan));
    this.rows = [...this.parcels, ...this.remedies, ...this.scans];
    this.begin(new URLSearchParams(search).get("scan"));
    this.keepForm();
  }

  async loadDismissed(search) {
    const { items, more } = await list("/v1/scans/unmatched?dismissed=true", this.most);
    if (search !== location.search) return;
    const scans = items.map((scan) => this.rowOfScan(scan));
    Object.assign(this, { dismissed: true, more, parcels: [], remedies: [], scans, rows: scans });
    this.keepForm();
  }

  rowOfScan(scan) {
    return { key: scan.id, scan, href: `/desk/parcels${location.search}`, action: { key: "a", label: t("Attach"), run: () => this.show("attach") } };
  }

  /** Go to the scan that was chosen on Today or found, once. */
  begin(scan) {
    const place = scan && scan !== this.begun ? this.rows.findIndex(({ key }) => key === scan) : -1;
    if (place >= 0) Object.assign(this, { here: place, begun: scan });
  }

  /** A form stays open as long as its row is there. */
  keepForm() {
    if (this.form && !this.rows.some((row) => keyOf(row) === this.form.key)) this.form = null;
  }

  rowOf(shipment, parcel) {
    const action = session.may("warehouse") ? { key: "c", label: t("Correct"), run: () => this.show("correct") } : { key: "q", label: t("Ask the customer"), run: () => this.show("ask") };
    return { key: parcel.id, shipment, parcel, href: this.orderOf(shipment), action };
  }

  /** A question to a customer; a draft needs an agent who says what is in the parcel. */
  async rowOfRemedy(remedy, shipments) {
    const row = { key: remedy.id, remedy, href: this.orderOf(remedy), action: this.mayTakeBack(remedy) ? { key: "g", label: t("Goods are back"), run: () => this.show("goods") } : null };
    if (remedy.status !== "draft" || !session.may("agent")) return row;
    const shipment = shipments.get(remedy.shipment_number) ?? (await get(`/v1/shipments/${remedy.shipment_number}`));
    const parcel = shipment.parcels.find(({ id }) => remedy.parcels.includes(id)) ?? shipment.parcels[0];
    return { ...row, shipment, parcel, action: { key: "q", label: t("Ask the customer"), run: () => this.show("ask") } };
  }

  /** Where the whole of it is seen: the order, or the shipment for who works with shipments alone. */
  orderOf(each) {
    return session.may("agent", "reviewer", "aftersales", "lead") ? `/desk/orders/${each.order_number}` : `/desk/pack/${each.shipment_number ?? each.number}`;
  }

  mayTakeBack(remedy) {
    return session.may("warehouse") && !remedy.goods_back_at && ["returning", "returned", "refused", "cancelled"].includes(remedy.reason);
  }

  mayAsk({ parcel, shipment }) {
    return session.may("agent") && Boolean(parcel) && !parcel.delivered_at && !parcel.closed_at && !this.remedies.some(({ remedy }) => remedy.status === "awaiting_customer" && remedy.shipment_number === shipment.number);
  }

  keys() {
    const parcel = Boolean(this.row?.parcel), warehouse = session.may("warehouse");
    return [
      ...super.keys(),
      { key: "d", label: t("record a delivery"), run: () => this.show("delivery"), hidden: !parcel || Boolean(this.row.remedy) || !warehouse || Boolean(this.row.parcel.delivered_at) },
      { key: "x", label: t("it is not delivered"), run: () => this.show("denial"), hidden: !this.row?.parcel?.delivered_at || !warehouse },
      { key: "q", label: t("ask the customer"), run: () => this.show("ask"), hidden: !parcel || Boolean(this.row.remedy) || !warehouse || !this.mayAsk(this.row) },
      { key: "n", label: t("none of ours"), run: () => this.show("dismiss"), hidden: !this.row?.scan || this.dismissed },
      { key: "v", label: this.dismissed ? t("back to the parcels") : t("dismissed scans"), run: () => this.otherView() },
    ];
  }

  otherView() {
    this.form = null;
    go(`/desk/parcels${this.dismissed ? "" : "?scans=dismissed"}`);
  }

  show(kind, key = keyOf(this.row)) {
    this.here = this.rows.findIndex((row) => keyOf(row) === key);
    this.form = { kind, key };
    this.focusOn("td form :is(input, select)");
  }

  async submit(event) {
    event.preventDefault();
    const given = filledIn(event.target);
    const { kind, key } = this.form, row = this.rows.find((each) => keyOf(each) === key);
    if (!(await this.act(() => this[kind](row, given), SAID[kind] ?? t("It is recorded.")))) return;
    this.form = null;
  }

  async correct({ shipment, parcel }, given) {
    await send("PATCH", `/v1/shipments/${shipment.number}/parcels/${parcel.id}`, given, { version: shipment.version });
    if (this.q) history.replaceState(null, "", `/desk/parcels?q=${shipment.number}`); // its old number finds it no more
  }

  delivery({ shipment, parcel }, { delivered_at: when, evidence }) {
    const body = { delivered_at: new Date(when).toISOString(), evidence };
    return send("POST", `/v1/shipments/${shipment.number}/parcels/${parcel.id}/delivery`, body, { version: shipment.version });
  }

  denial({ shipment, parcel }, { evidence }) {
    return send("POST", `/v1/shipments/${shipment.number}/parcels/${parcel.id}/non-delivery`, { evidence }, { version: shipment.version });
  }

  ask({ shipment, parcel }, { reason, evidence, ...pieces }) {
    const lines = shipment.lines.map(({ sku }) => ({ sku, quantity: Number(pieces[`pieces-${sku}`] ?? 0) })).filter(({ quantity }) => quantity > 0);
    const part = this.isPart(shipment) ? { parcels: [parcel.id], ...(lines.length ? { lines } : {}) } : {};
    return send("POST", `/v1/orders/${shipment.order_number}/remedies`, { shipment_number: shipment.number, reason, evidence, ...part });
  }

  goods({ remedy }, { note, ...pieces }) {
    const lines = remedy.lines.map(({ sku }) => ({ sku, quantity: Number(pieces[`pieces-${sku}`] ?? 0) })).filter(({ quantity }) => quantity > 0);
    return send("POST", `/v1/remedies/${remedy.id}/goods`, { lines, note });
  }

  /** Find the parcel by its shipment's number, or by its own where the shipment has several. */
  async attach({ scan }, { shipment: typed, reason }) {
    const [, number, place] = PARCEL.exec(typed.trim().toUpperCase()) ?? [];
    if (!number) throw new Error(t("{typed} is no number of a shipment.", { typed }));
    const { parcels } = await get(`/v1/shipments/${number}`);
    const open = place ? mine(parcels.map(({ id }) => id), `${number}-${place}`) : parcels.map(({ id }) => id);
    if (open.length === 0) throw new Error(t("There is no such parcel yet."));
    if (open.length > 1) throw new Error(t("That shipment has {n} parcels: write {ids}.", { n: open.length, ids: any(open) }));
    return send("POST", `/v1/scans/unmatched/${scan.id}/attach`, { parcel_id: open[0], ...(reason ? { reason } : {}) });
  }

  dismiss({ scan }, { reason }) {
    return send("POST", `/v1/scans/unmatched/${scan.id}/dismiss`, { reason });
  }

  /** Whether other parcels of the shipment may arrive, so that it has to be said what is in this one. */
  isPart(shipment) {
    return shipment.parcels.length > 1;
  }

  draw() {
    if (this.dismissed) return this.drawDismissed();
    return html`<div class="head"><h1>${t("Parcels")} <small>${this.q ? t("found for {q}", { q: this.q }) : t("that need somebody")}</small></h1>
        <form class="acts" role="search" @submit=${this.look}><label class="vh" for="q">${t("Number of a parcel, shipment or order, or a name")}</label><input id="q" name="q" maxlength="100" placeholder=${t("Parcel, shipment, order, name")} .value=${this.q}><button class="btn">${t("Look")}</button></form>${button({ key: "v", label: t("Dismissed scans"), run: () => this.otherView() })}</div>
      ${this.parcels.length === 0 && (this.q || this.rows.length === 0) ? html`<div class="box empty"><h2>${this.q ? t("No parcel is found.") : t("Every parcel is on its way in time.")}</h2></div>` : nothing}<div class="stack">
      ${this.parcels.length ? html`<section class="box scroll" tabindex="0" aria-label=${t("Parcels")}><h2>${this.q ? t("Found") : t("Late, stuck, or without a scan")} <span class="soft">${tn("{n} parcel", "{n} parcels", this.parcels.length)}</span></h2><table class="rows"><caption class="vh">${t("Parcels")}</caption>
        <thead><tr><th scope="col">${t("Promise")}</th><th scope="col">${t("Parcel")}</th><th scope="col">${t("State")}</th><th scope="col">${t("To")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${this.long.draw("parcels", this.parcels, keyOf, (row) => this.drawParcel(row), "tbody")}</table></section>` : nothing}
      ${this.remedies.length ? html`<section class="box scroll" tabindex="0" aria-label=${t("Customers who were asked")}><h2>${t("Customers decide")} <span class="soft">${t("what is done about what does not arrive")}</span></h2><table class="rows"><caption class="vh">${t("Customers who were asked about a parcel")}</caption>
        <thead><tr><th scope="col">${t("Promise")}</th><th scope="col">${t("Order")}</th><th scope="col">${t("What")}</th><th scope="col">${t("Decided")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${this.long.draw("remedies", this.remedies, keyOf, (row) => this.drawRemedy(row), "tbody")}</table></section>` : nothing}
      ${this.scans.length ? html`<section class="box scroll" tabindex="0" aria-label=${t("Scans that found no parcel")}><h2>${t("Scans that found no parcel")} <span class="soft">${tn("{n} scan", "{n} scans", this.scans.length)}</span></h2><table class="rows"><caption class="vh">${t("Scans that found no parcel")}</caption>
        <thead><tr><th scope="col">${t("When")}</th><th scope="col">${t("Number")}</th><th scope="col">${t("What")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${this.long.draw("scans", this.scans, keyOf, (row) => this.drawScan(row), "tbody")}</table></section>` : nothing}</div>${this.drawMore(this.more)}`;
  }

  /** A row of a table with its form below, in a body of their own so that they stay together. */
  drawRow(row, width, cells) {
    return html`<tbody><tr class=${this.row && keyOf(this.row) === keyOf(row) ? "here" : ""} @focusin=${() => (this.here = this.rows.indexOf(row))}>${cells}</tr>${this.drawForm(row, width)}</tbody>`;
  }

  drawParcel(row) {
    const { shipment, parcel } = row, warehouse = session.may("warehouse");
    return this.drawRow(row, 5, html`<td>${promise({ due_at: shipment.promise?.due_at ?? shipment.dispatch_due_at, started_at: shipment.dispatched_at })}</td><td><a class="t mono" href=${row.href}>${parcel.tracking_number}</a><span class="d">${parcel.carrier} · ${shipment.number}</span></td>
      <td>${tag(words(parcel.missing ?? parcel.health), COLOURS[parcel.health] ?? "")}<span class="d">${words(parcel.status)}, ${parcel.last_event_at ? parts("last scan {at}", { at: at(parcel.last_event_at) }) : t("no scan yet")}</span>${factsOf(parcel)}${shipment.warnings.filter(({ parcel_id: id }) => id === parcel.id).map(({ detail }) => html`<span class="d told">${detail}</span>`)}</td><td>${shipment.destination.name}<span class="d">${shipment.destination.country}</span></td>
      <td class="r"><span class="acts end">${button({ key: "c", label: t("Correct"), run: () => this.show("correct", row.key), hidden: !warehouse })}${button({ key: "d", label: t("Delivered"), run: () => this.show("delivery", row.key), hidden: !warehouse || Boolean(parcel.delivered_at) })}${button({ key: "x", label: t("Not delivered"), run: () => this.show("denial", row.key), hidden: !warehouse || !parcel.delivered_at })}${button({ key: "q", label: t("Ask the customer"), run: () => this.show("ask", row.key), hidden: !this.mayAsk(row) })}</span></td>`);
  }

  drawRemedy(row) {
    const { remedy } = row;
    const choice = remedy.consent ? html`${capital(words(remedy.consent.option))}<span class="d">${at(remedy.consent.at)}${remedy.replacement ? html`, ${parts("as {number}", { number: html`<span class="mono">${remedy.replacement}</span>` })}` : nothing}</span>` : html`<span class="soft">${t("not yet")}</span><span class="d">${remedy.told_at ? parts("told {at}", { at: at(remedy.told_at) }) : t("not told yet")}</span>`;
    return this.drawRow(row, 5, html`<td>${promise({ due_at: remedy.due_at, started_at: remedy.created_at, ...(remedy.told_at ? { status: "kept", stopped_at: remedy.told_at } : {}) })}</td><td><a class="t mono" href=${row.href}>${remedy.order_number}</a><span class="d">${remedy.shipment_number}</span></td>
      <td>${capital(words(remedy.reason))}<span class="d">${remedy.summary}</span></td><td>${choice}</td><td class="r">${row.action ? button({ ...row.action, run: () => this.show(row.action.key === "g" ? "goods" : "ask", row.key) }) : nothing}</td>`);
  }

  drawScan(row) {
    const { scan } = row;
    return this.drawRow(row, 4, html`<td>${at(scan.occurred_at)}</td><td><span class="t mono">${scan.tracking_number}</span><span class="d">${scan.carrier}</span></td><td>${scan.message || words(scan.status)}<span class="d">${scan.location ?? ""}</span></td>
      <td class="r"><span class="acts end">${button({ key: "a", label: t("Attach"), run: () => this.show("attach", row.key) })}${button({ key: "n", label: t("None of ours"), run: () => this.show("dismiss", row.key) })}</span></td>`);
  }

  /** What somebody said is none of ours: by whom, when and why. It can still be attached. */
  drawDismissed() {
    return html`<div class="head"><h1>${t("Dismissed scans")} <small>${t("a colleague found that they are none of ours")}</small></h1>${button({ key: "v", label: t("Back to the parcels"), run: () => this.otherView() })}</div>
      ${this.scans.length === 0 ? html`<div class="box empty"><h2>${t("No scan was dismissed.")}</h2></div>` : html`<section class="box scroll" tabindex="0" aria-label=${t("Dismissed scans")}><table class="rows"><caption class="vh">${t("Dismissed scans")}</caption>
        <thead><tr><th scope="col">${t("Dismissed")}</th><th scope="col">${t("Number")}</th><th scope="col">${t("Why")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${this.long.draw("scans", this.scans, keyOf, (row) => this.drawRow(row, 4, html`<td>${at(row.scan.dismissed.at)}<span class="d">${person(row.scan.dismissed.by)}</span></td><td><span class="t mono">${row.scan.tracking_number}</span><span class="d">${row.scan.carrier}</span></td><td>${row.scan.dismissed.reason}<span class="d">${row.scan.message || words(row.scan.status)} ${row.scan.location ?? ""}</span></td>
          <td class="r">${button({ key: "a", label: t("Attach"), run: () => this.show("attach", row.key) })}</td>`), "tbody")}</table></section>`}${this.drawMore(this.more)}`;
  }

  drawForm(row, width) {
    if (this.form?.key !== keyOf(row)) return nothing;
    return html`<tr><td colspan=${width}><form class="stack" @submit=${this.submit}><h3>${FORMS[this.form.kind]}</h3>${this.drawFields(row)}
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${this.form.kind === "ask" ? t("Ask") : t("Record")}</button><button type="button" class="btn" @click=${() => (this.form = null)}>${t("Back")}</button></div></form></td></tr>`;
  }

  pieces(lines) {
    return html`<fieldset><legend>${t("How many pieces")}</legend>${lines.map(({ sku, title, quantity }) => html`<div class="field"><label for="pieces-${sku}">${t("{title} (of {quantity})", { title, quantity })}</label><input id="pieces-${sku}" name="pieces-${sku}" type="number" min="0" max=${quantity} value=${quantity}></div>`)}</fieldset>`;
  }

  drawFields({ shipment, parcel, remedy }) {
    switch (this.form.kind) {
      case "correct":
        return html`${facts([t("Now"), html`${parcel.carrier} <span class="mono">${parcel.tracking_number}</span>`])}<div class="field"><label for="number">${t("Right tracking number")}</label><input id="number" name="tracking_number" maxlength="64"></div><div class="field"><label for="carrier">${t("Right carrier, if that was wrong")}</label><input id="carrier" name="carrier" maxlength="40"></div><div class="field"><label for="reason">${t("Why it was wrong")}</label><input id="reason" name="reason" required minlength="3" maxlength="500"></div>`;
      case "delivery":
        return html`<div class="field"><label for="when">${t("When it was delivered")}</label><input id="when" name="delivered_at" type="datetime-local" required></div><div class="field"><label for="evidence">${t("What shows it")}</label><input id="evidence" name="evidence" required minlength="10" maxlength="2000"></div>`;
      case "denial":
        return html`<div class="field"><label for="denied">${t("How we know that it is not delivered")}</label><input id="denied" name="evidence" required minlength="10" maxlength="2000"></div>`;
      case "ask":
        return html`<div class="field"><label for="why-missing">${t("What happened")}</label><select id="why-missing" name="reason">${REASONS.map((reason) => html`<option value=${reason} ?selected=${reason === parcel.missing}>${capital(words(reason))}</option>`)}</select></div><div class="field"><label for="known">${t("How we know, for staff")}</label><input id="known" name="evidence" required minlength="3" maxlength="1000"></div>${this.isPart(shipment) ? this.pieces(shipment.lines) : nothing}<p class="soft xs">${t("The customer chooses: send again, pay back, or wait. Nothing changes before that.")}</p>`;
      case "dismiss":
        return html`<div class="field"><label for="none-of-ours">${t("How we know that it is none of ours")}</label><input id="none-of-ours" name="reason" required minlength="3" maxlength="500"></div><p class="soft xs">${t("Later scans of this number do not bring it back. A parcel that gets the number has its scans all the same.")}</p>`;
      case "goods":
        return html`${this.pieces(remedy.lines)}<div class="field"><label for="state">${t("What state they are in")}</label><input id="state" name="note" required minlength="3" maxlength="200"></div>`;
      default:
        return html`<div class="field"><label for="shipment">${t("Number of the shipment, or of the parcel")}</label><input id="shipment" name="shipment" required maxlength="24" placeholder="SHP-0000-0000-0"></div><div class="field"><label for="why">${t("Why it is this one")}</label><input id="why" name="reason" maxlength="500"></div>`;
    }
  }
}

customElements.define("desk-parcels", Parcels);
