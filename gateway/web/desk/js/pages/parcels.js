// Parcels: those that need somebody (late, stuck, lost), corrections, deliveries with evidence, and scans that found none.

import { RowsPage, at, button, html, nothing, promise, tag } from "../parts.js";
import { get, list, send } from "../session.js";
import { count, words } from "../words.js";

const WORRIES = ["late", "stuck", "at_risk", "no_data"];
const COLOURS = { late: "late", stuck: "late", at_risk: "risk", no_data: "risk" };
const FORMS = { correct: "Correct the number or carrier", delivery: "Record a delivery", attach: "Attach to a parcel" };

class Parcels extends RowsPage {
  static properties = { form: { state: true } };

  constructor() {
    super();
    Object.assign(this, { form: null, scans: [], parcels: [] });
  }

  async load() {
    const [scans, ...parts] = await Promise.all([list("/v1/scans/unmatched", 100), ...WORRIES.map((health) => list(`/v1/shipments?health=${health}`, 100))]);
    const shipments = new Map(parts.flatMap(({ items }) => items).map((each) => [each.number, each]));
    this.scans = scans.items;
    this.parcels = [...shipments.values()].flatMap((shipment) => shipment.parcels.filter(({ delivered_at: done, closed_at: closed }) => !done && !closed).map((parcel) => ({ parcel, shipment })));
    this.rows = [
      ...this.parcels.map((each) => ({ each, href: `/desk/orders/${each.shipment.order_number}`, action: { key: "c", label: "Correct", run: () => this.show("correct") } })),
      ...this.scans.map((each) => ({ each, href: "/desk/parcels", action: { key: "a", label: "Attach", run: () => this.show("attach") } })),
    ];
  }

  keys() {
    return [...super.keys(), { key: "d", label: "record a delivery", run: () => this.show("delivery"), hidden: !this.row?.each.parcel }];
  }

  show(form, place = this.here) {
    Object.assign(this, { here: place, form: { kind: form, place } });
    this.focusOn("form input");
  }

  async submit(event) {
    event.preventDefault();
    const given = Object.fromEntries([...new FormData(event.target)].filter(([, value]) => value.trim()));
    const { each } = this.rows[this.form.place], kind = this.form.kind;
    if (await this.act(() => this[kind](each, given), "It is recorded.")) this.form = null;
  }

  correct({ shipment, parcel }, given) {
    return send("PATCH", `/v1/shipments/${shipment.number}/parcels/${parcel.id}`, given, { version: shipment.version });
  }

  delivery({ shipment, parcel }, { delivered_at: when, evidence }) {
    const body = { delivered_at: new Date(when).toISOString(), evidence };
    return send("POST", `/v1/shipments/${shipment.number}/parcels/${parcel.id}/delivery`, body, { version: shipment.version });
  }

  async attach(scan, { shipment: number, reason }) {
    const shipment = await get(`/v1/shipments/${encodeURIComponent(number.toUpperCase())}`);
    const parcel = shipment.parcels.find((each) => !each.delivered_at) ?? shipment.parcels[0];
    if (!parcel) throw new Error("That shipment has no parcel.");
    return send("POST", `/v1/scans/unmatched/${scan.id}/attach`, { parcel_id: parcel.id, ...(reason ? { reason } : {}) });
  }

  draw() {
    const first = this.parcels.length;
    return html`<div class="head"><h1>Parcels <small>that need somebody</small></h1></div>
      ${this.rows.length === 0 ? html`<div class="box empty"><h2>Every parcel is on its way in time.</h2></div>` : nothing}<div class="stack">
      ${first ? html`<section class="box scroll" tabindex="0"><h2>Late, stuck, or without a scan <span class="soft">${count(first, "parcel")}</span></h2><table class="rows"><caption class="vh">Parcels that need somebody</caption>
        <thead><tr><th scope="col">Promise</th><th scope="col">Parcel</th><th scope="col">State</th><th scope="col">To</th><th scope="col"><span class="vh">Action</span></th></tr></thead>
        <tbody>${this.parcels.map(({ shipment, parcel }, place) => html`<tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}>
          <td>${promise({ due_at: shipment.promise?.due_at ?? shipment.dispatch_due_at, started_at: shipment.dispatched_at })}</td><td><a class="t mono" href="/desk/orders/${shipment.order_number}">${parcel.tracking_number}</a><span class="d">${parcel.carrier} · ${shipment.number}</span></td>
          <td>${tag(words(parcel.missing ?? parcel.health), COLOURS[parcel.health] ?? "")}<span class="d">${words(parcel.status)}${parcel.last_event_at ? html`, last scan ${at(parcel.last_event_at)}` : ", no scan yet"}</span></td><td>${shipment.destination.name}<span class="d">${shipment.destination.country}</span></td>
          <td class="r">${button({ key: "c", label: "Correct", run: () => this.show("correct", place) })} ${button({ key: "d", label: "Delivered", run: () => this.show("delivery", place) })}</td></tr>${this.drawForm(place, 5)}`)}</tbody></table></section>` : nothing}
      ${this.scans.length ? html`<section class="box scroll" tabindex="0"><h2>Scans that found no parcel <span class="soft">${count(this.scans.length, "scan")}</span></h2><table class="rows"><caption class="vh">Scans that found no parcel</caption>
        <thead><tr><th scope="col">When</th><th scope="col">Number</th><th scope="col">What</th><th scope="col"><span class="vh">Action</span></th></tr></thead>
        <tbody>${this.scans.map((scan, index) => html`<tr class=${first + index === this.here ? "here" : ""} @focusin=${() => (this.here = first + index)}><td>${at(scan.occurred_at)}</td><td><span class="t mono">${scan.tracking_number}</span><span class="d">${scan.carrier}</span></td><td>${scan.message || words(scan.status)}<span class="d">${scan.location ?? ""}</span></td>
          <td class="r">${button({ key: "a", label: "Attach", run: () => this.show("attach", first + index) })}</td></tr>${this.drawForm(first + index, 4)}`)}</tbody></table></section>` : nothing}</div>`;
  }

  drawForm(place, width) {
    if (this.form?.place !== place) return nothing;
    const fields = {
      correct: html`<div class="field"><label for="number">Tracking number</label><input id="number" name="tracking_number" maxlength="60"></div><div class="field"><label for="carrier">Carrier</label><input id="carrier" name="carrier" maxlength="40"></div><div class="field"><label for="reason">Why</label><input id="reason" name="reason" required maxlength="500"></div>`,
      delivery: html`<div class="field"><label for="when">When it was delivered</label><input id="when" name="delivered_at" type="datetime-local" required></div><div class="field"><label for="evidence">What shows it</label><input id="evidence" name="evidence" required maxlength="1000"></div>`,
      attach: html`<div class="field"><label for="shipment">Number of the shipment</label><input id="shipment" name="shipment" required maxlength="24"></div><div class="field"><label for="why">Why it is this one</label><input id="why" name="reason" maxlength="500"></div>`,
    };
    return html`<tr><td colspan=${width}><form class="stack" @submit=${this.submit}><h3>${FORMS[this.form.kind]}</h3>${fields[this.form.kind]}
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>Record</button><button type="button" class="btn" @click=${() => (this.form = null)}>Back</button></div></form></td></tr>`;
  }
}

customElements.define("desk-parcels", Parcels);
