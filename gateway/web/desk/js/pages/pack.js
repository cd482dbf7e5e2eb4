// The pack station: scan the order, scan each piece, take a photo of the box if that is wanted (F), scan the label, hand
// over. Keyboard and barcode scanner only.
//
// The scan field has the focus all the time; a scanner types a code and Enter: a SKU, or what is printed on the goods
// (GS1). In the queue the arrow keys choose a box, Enter alone opens it, Space takes it for a step with several. A piece that does not belong in the box
// stops the station with a red screen until Enter is pressed. What was scanned outlives a reload of the page.

import { store } from "/web/js/api.js";
import { Page, go } from "../page.js";
import { button, facts, html, nothing, promise, save, t, tn } from "../parts.js";
import { ChosenBoxes } from "../boxes.js";
import { asNumber } from "../find.js";
import { PackBoxes } from "../pack-boxes.js";
import { bought, live } from "../pack-labels.js";
import { sent } from "../photos.js";
import { get, list, send } from "../session.js";
import { words } from "../words.js";
import "../shipment-costs.js";

const OPEN = ["queued", "sorting", "packed"];
const CARRIER = "desk:carrier";
const plain = (code) => code.replaceAll(/[\s-]/g, "").toUpperCase();

class Pack extends Page {
  static follows = ["logistics"];
  static properties = { wrong: { state: true }, last: { state: true }, carrier: { state: true }, parcel: { state: true }, weight: { state: true }, here: { state: true }, labels: { state: true }, rates: { state: true } };

  shut() {
    return { shipment: null, scanned: {}, wrong: "", last: "", parcel: "", weight: null, labels: null, rates: null, packs: new PackBoxes("") };
  }

  constructor() {
    super();
    Object.assign(this, this.shut(), { rows: [], here: -1, more: false, scans: Promise.resolve(), boxes: new ChosenBoxes(this) });
    this.carrier = store("local")?.getItem(CARRIER) ?? "";
  }

  async load() {
    const number = this.params[0];
    if (number?.startsWith("ORD-")) {
      const { items } = await get(`/v1/shipments?order_number=${number}`);
      const open = items.find(({ status }) => OPEN.includes(status)) ?? items[0];
      if (number !== this.params[0]) return;
      if (open) this.params = [open.number];
    }
    const [wanted] = this.params;
    if (!wanted) {
      const chosen = this.row?.number, parts = await Promise.all(OPEN.map((status) => list(`/v1/shipments?status=${status}`, this.most)));
      if (this.params[0]) return;
      this.rows = parts.flatMap(({ items }) => items).sort((one, other) => one.dispatch_due_at.localeCompare(other.dispatch_due_at));
      Object.assign(this, { more: parts.some(({ more }) => more), here: chosen ? this.rows.findIndex(({ number }) => number === chosen) : this.here });
      return;
    }
    const before = this.shipment?.number, [shipment, labels] = await Promise.all([get(`/v1/shipments/${wanted}`), get(`/v1/shipments/${wanted}/labels`).catch(() => null)]); // a box is packed without them, too
    if (wanted !== this.params[0]) return;
    Object.assign(this, { shipment, labels });
    if (before !== shipment.number) Object.assign(this, { rates: null, wrong: "", last: "", parcel: "", weight: shipment.gross_weight_g, scanned: this.kept(), packs: new PackBoxes(shipment.number) });
    if (this.shipment.status === "packed" && !this.packs.rest) this.scanned = Object.fromEntries(this.wanted.map((line) => [line.sku, line.quantity]));
    if (OPEN.includes(shipment.status) && !this.packs.fit(shipment.lines)) {
      this.packs.forget();
      this.stop(t("The shipment was changed: its pieces count as in one box again."));
    }
  }

  kept() {
    return JSON.parse(store("session")?.getItem(`pack:${this.params[0]}`) ?? "{}");
  }

  keep() {
    store("session")?.setItem(`pack:${this.shipment.number}`, JSON.stringify(this.scanned));
  }

  updated() {
    super.updated();
    if (!document.querySelector("dialog[open]") && !this.contains(document.activeElement)) this.querySelector("#scan")?.focus();
  }

  /** The box of the queue that the arrow keys have chosen, if any. */
  get row() {
    return this.rows[this.here] ?? null;
  }

  /** Choose another box of the queue; the scan field keeps the focus. */
  async choose(event) {
    if (event.key === " " && !event.target.value && this.row && !this.shipment && !this.away) {
      event.preventDefault();
      return this.boxes.toggle(this.row, event.shiftKey);
    }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by || this.shipment || this.away) return;
    event.preventDefault();
    if (by > 0 && this.more && this.here === this.rows.length - 1) await this.readOn();
    this.here = Math.max(0, Math.min(this.here + by, this.rows.length - 1));
    this.performUpdate();
    this.querySelector(".here")?.scrollIntoView({ block: "nearest" });
  }

  things() {
    return this.shipment ? [this.shipment] : [];
  }

  /** The lines of the box as pieces per SKU; two lines of one SKU are one row. */
  get wanted() {
    const found = new Map();
    for (const line of this.shipment.lines) {
      const one = found.get(line.sku) ?? { ...line, quantity: 0 };
      found.set(line.sku, { ...one, quantity: one.quantity + line.quantity });
    }
    return [...found.values()];
  }

  got(line) {
    return this.scanned[line.sku] ?? 0;
  }

  get next() {
    return this.packs.rest ? null : (this.wanted.find((line) => this.got(line) < line.quantity) ?? null);
  }

  get total() {
    return this.wanted.reduce((sum, line) => sum + line.quantity, 0);
  }

  get done() {
    return this.wanted.reduce((sum, line) => sum + this.got(line), 0);
  }

  keys() {
    const open = Boolean(this.shipment), queue = !open && this.rows.length > 0;
    return [
      { key: "↓ ↑", label: t("choose"), hidden: !queue },
      ...(open ? [] : this.boxes.keys()),
      { key: "Enter", label: this.wrong ? t("put it aside, go on") : queue ? t("open it") : t("next step") },
      { key: "F Enter", label: t("photo of the box"), hidden: !this.mayPhotograph },
      ...this.packs.keys(this),
      { key: "P Enter", label: t("slip and address label"), hidden: !open },
      { key: "L Enter", label: bought(this.labels) ? t("print the label") : t("rates of carriers"), hidden: !this.mayBuy && !bought(this.labels) },
      { key: "1 Enter", label: t("buy that label"), hidden: !this.rates?.rates.length },
      { key: "V Enter", label: t("give the label back"), hidden: !live(this.labels) },
      { key: "D Enter", label: t("all papers"), hidden: !open },
    ];
  }

  /** Take one code after the other: a scanner is faster than the answers to what it has scanned. */
  scan(event) {
    event.preventDefault();
    const field = event.target.elements.scan, code = field.value.trim();
    field.value = "";
    this.scans = this.scans.then(() => this.take(code)).catch((problem) => (this.problem = problem)); // the next one counts
  }

  async take(code) {
    await this.reading;
    if (this.wrong) return void (this.wrong = code ? this.wrong : ""); // Enter alone goes on
    if (code.toUpperCase() === "P" && this.shipment) return go(`/desk/slip/${this.shipment.number}`);
    if (code.toUpperCase() === "D" && this.shipment) return this.printPapers();
    if (code.toUpperCase() === "F" && this.mayPhotograph) return this.choosePhotos();
    const said = this.packs.takeKey(code.toUpperCase(), this);
    if (said) return void (this.last = said);
    if (await this.takeLabelKey(code.toUpperCase())) return;
    const number = asNumber(code);
    if (number) return this.begin(number);
    if (!this.shipment && code.toUpperCase() === "Y" && this.boxes.seen.size) return this.focusOn("#bulk-step");
    if (!this.shipment && !code && this.row && !this.away) return this.begin(this.row.number);
    if (!this.shipment) return void (code && this.stop(t("{code} is no number of an order or shipment.", { code })));
    if (!OPEN.includes(this.shipment.status) || !code) return;
    const before = this.shipment.number;
    if (this.next) await this.scanPiece(code);
    else if ((await this.closeBox()) && before === this.shipment?.number) await this.scanLabel(code);
  }

  begin(number) {
    if (number !== this.shipment?.number) this.putAway();
    this.params = [number];
    history.pushState(null, "", `/desk/pack/${number}`);
    return this.reload();
  }

  /** The line that a code is about, and how many pieces: a SKU is known here, the server reads what is printed on goods. */
  async unitOf(code) {
    const known = this.wanted.find(({ sku }) => plain(sku) === plain(code));
    if (known) return { line: known, pieces: 1 };
    if (!/\d{8}/.test(code)) return this.stop(t("{code} is not in this order.", { code }));
    const { number } = this.shipment, asked = encodeURIComponent(code.replaceAll("\u001d", "~"));
    try {
      const { sku, pieces } = await get(`/v1/shipments/${number}/unit?code=${asked}`);
      if (number === this.shipment?.number) return { line: this.wanted.find((each) => each.sku === sku), pieces };
    } catch (problem) {
      if (problem.code === "wrong_unit") this.stop(problem.detail);
      else if (problem.code === "unreadable_code") this.stop(t("{code} is not in this order.", { code }));
      else throw problem;
    }
  }

  async scanPiece(code) {
    const { line, pieces } = (await this.unitOf(code)) ?? {};
    if (!line) return;
    if (this.got(line) + pieces > line.quantity && this.got(line) < line.quantity) return this.stop(t("{title}: the package holds {pieces}, and {left} are to go.", { title: line.title, pieces, left: line.quantity - this.got(line) }));
    if (this.got(line) >= line.quantity) return this.stop(tn("{title}: it is in the box already.", "{title}: all {n} are in the box already.", line.quantity, { title: line.title }));
    const { number, status } = this.shipment;
    if (status === "queued" && !(await this.act(() => this.step("sorted")))) return;
    if (number !== this.shipment?.number) return; // another one was opened meanwhile
    this.scanned = { ...this.scanned, [line.sku]: this.got(line) + pieces };
    this.last = t("Right: {title}, {got} of {quantity}.", { title: line.title, got: this.got(line), quantity: line.quantity });
    this.keep();
    if (!this.next) await this.closeBox();
  }

  /** Record that all is packed, unless that is so already: an earlier try may have failed. True if it is packed. */
  async closeBox() {
    if (this.shipment.status === "packed") return true;
    if (!(await this.act(() => this.step("packed"), this.packs.rest ? t("The box is closed. The rest follows.") : t("All pieces are in the box. Scan the label.")))) return false;
    await this.weigh(); // what was typed before the first piece
    return true;
  }

  /** A carrier's bar code may hold more than the number, at its beginning. */
  async scanLabel(code) {
    const label = bought(this.labels);
    if (this.packs.several) return this.scanLabelOfMany(code, label);
    if (label && !plain(code).endsWith(plain(label.tracking_number))) return this.stop(t("{code} is not the label that was bought for this box.", { code }));
    this.parcel = label?.tracking_number ?? code;
    if (label) return this.handOver();
    if (!this.carrier) return void this.querySelector("#carrier")?.focus();
    await this.handOver();
  }

  /** Of several boxes one may have the bought label. */
  async scanLabelOfMany(code, label) {
    const parcel = label && plain(code).endsWith(plain(label.tracking_number)) ? { carrier: label.carrier, tracking_number: label.tracking_number } : { carrier: this.carrier, tracking_number: code };
    if (!parcel.carrier) return void this.querySelector("#carrier")?.focus();
    if (this.packs.label(parcel)) await this.handOver();
    else this.last = t("Box {n} has its label.", { n: this.packs.labels.length });
    this.requestUpdate();
  }

  /** Who carries it; a label that was scanned before waited for that alone. */
  nameCarrier(event) {
    this.carrier = event.target.value.trim();
    this.querySelector("#scan").focus();
    const waits = () => this.carrier && this.parcel && this.shipment?.status === "packed";
    if (waits()) this.scans = this.scans.then(() => waits() && this.handOver()).catch((problem) => (this.problem = problem));
  }

  step(name) {
    return send("POST", `/v1/shipments/${this.shipment.number}/${name}`, {}, { version: this.shipment.version });
  }

  /** Whether labels of carriers can be bought for this box: they are for all pieces, and no part leaves under one. */
  get mayBuy() {
    return Boolean(this.labels?.sold) && ["sorting", "packed"].includes(this.shipment?.status) && !live(this.labels) && !this.packs.rest;
  }

  /** Do what L, V and the number of a rate stand for. True if the code was one of them. */
  async takeLabelKey(key) {
    const rate = /^[1-9]$/.test(key) && this.rates?.rates[Number(key) - 1], label = live(this.labels);
    if (key === "L" && bought(this.labels)) await this.printLabel();
    else if (key === "L" && this.mayBuy) await this.askRates();
    else if (rate && this.mayBuy) await this.buy(rate);
    else if (key === "V" && label) await this.giveBack(label);
    else return false;
    return true;
  }

  /** What must be known first: what was typed last is weighed already, or is now. */
  async askRates() {
    await this.weigh();
    if (this.problem) return;
    const { number } = this.shipment;
    await this.act(async () => (this.rates = await send("POST", `/v1/shipments/${number}/rates`)));
  }

  async buy({ offer, rate }) {
    const { number } = this.shipment;
    const done = await this.act(() => send("POST", `/v1/shipments/${number}/labels`, { offer, rate }));
    this.rates = null;
    if (done && bought(this.labels)) await this.printLabel();
  }

  printLabel() {
    const { number } = this.shipment, { id } = bought(this.labels);
    return this.act(async () => save(await get(`/v1/shipments/${number}/labels/${id}.pdf`), `label-${number}.pdf`), t("The label is saved. Print it, and scan it."));
  }

  giveBack({ id }) {
    return this.act(() => send("DELETE", `/v1/shipments/${this.shipment.number}/labels/${id}`), t("The label is given back."));
  }

  async handOver() {
    const parcel = { carrier: this.carrier, tracking_number: this.parcel, ...(this.weight ? { weight_g: this.weight } : {}) };
    const { number, version } = this.shipment, { several } = this.packs;
    const given = several ? this.packs.given(this.shipment, this.scanned, this.weight) : bought(this.labels) ? {} : { parcels: [parcel] };
    const done = await this.act(() => send("POST", `/v1/shipments/${number}/dispatched`, given, { version }), t("{number} is handed over.", { number }));
    const { code, errors = [] } = this.problem ?? {};
    if (done || ["part_of_shipment", "not_in_shipment", "nothing_follows"].includes(code) || errors.some(({ field }) => field.includes("lines"))) this.packs.forget();
    this.packs.labels = [];
    if (!done) return void (this.parcel = "");
    if (this.carrier) store("local")?.setItem(CARRIER, this.carrier);
    store("session")?.removeItem(`pack:${number}`);
  }

  /** Print slip, label and what customs wants; what a customs form lacks is said instead. */
  printPapers() {
    const { number } = this.shipment, carrier = bought(this.labels)?.carrier ?? this.carrier, by = carrier ? `?carrier=${encodeURIComponent(carrier)}` : "";
    return this.act(async () => save(await get(`/v1/shipments/${number}/documents/all.pdf${by}`), `papers-${number}.pdf`), t("The papers are saved."));
  }

  /** Keep what the box weighs: the carrier is told at the hand-over, customs before that. */
  takeWeight(event) {
    this.weight = event.target.valueAsNumber || null;
    this.querySelector("#scan").focus();
    this.scans = this.scans.then(() => this.weigh()).catch((problem) => (this.problem = problem));
  }

  async weigh() {
    await this.reading;
    const { number, status, version, gross_weight_g: known } = this.shipment ?? {};
    if (this.packs.rest || !this.weight || this.weight === known || !["sorting", "packed"].includes(status)) return;
    const back = live(this.labels) ? ` ${t("Its label was bought for another weight, and is given back.")}` : "";
    await this.act(() => send("POST", `/v1/shipments/${number}/weight`, { gross_weight_g: this.weight }, { version }), `${t("{number} weighs {weight} g.", { number, weight: this.weight })}${back}`);
  }

  /** A box has photos while it is packed, and after it left. */
  get mayPhotograph() {
    return ["sorting", "packed", "dispatched"].includes(this.shipment?.status);
  }

  choosePhotos() {
    this.querySelector("#photos")?.click();
  }

  async photograph(event) {
    const files = [...event.target.files], { number } = this.shipment;
    event.target.value = "";
    this.querySelector("#scan").focus();
    if (files.length) await this.act(async () => send("POST", `/v1/shipments/${number}/photos`, { photos: await sent(files) }), tn("{n} photo kept with {number}.", "{n} photos kept with {number}.", files.length, { number }));
  }

  stop(words) {
    Object.assign(this, { wrong: words, last: "" });
  }

  draw() {
    return html`<div class="station"><form class="scanbar" @submit=${this.scan}><label for="scan">${t("Scan")}</label><input id="scan" name="scan" autocomplete="off" spellcheck="false" placeholder=${t("waiting for the scanner")} @keydown=${this.choose}></form>
      ${this.shipment ? this.drawStation(this.shipment) : this.away ? this.drawUnread() : this.drawQueue()}</div>`;
  }

  /** Nothing is open: the scanner alone goes on, with the next order. */
  drawUnread() {
    return html`${this.wrong ? this.drawWrong() : nothing}${this.drawNone(t("Pack"), t("Nothing is open. Scan an order."))}`;
  }

  drawQueue() {
    return html`<div class="head"><h1>${t("Pack")} <small>${tn("{n} shipment, the next dispatch first. Scan an order to begin.", "{n} shipments, the next dispatch first. Scan an order to begin.", this.rows.length)}</small></h1></div>
      ${this.wrong ? this.drawWrong() : nothing}${this.boxes.draw()}
      ${this.rows.length === 0 ? html`<div class="box empty"><h2>${t("Nothing is to be packed.")}</h2></div>` : html`<div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">${t("Shipments to pack, the next dispatch first")}</caption>
        <thead><tr><th scope="col">${t("Promise")}</th><th scope="col">${t("Shipment")}</th><th scope="col">${t("What")}</th><th scope="col">${t("To")}</th></tr></thead>
        <tbody>${this.long.draw("boxes", this.rows, ({ number }) => number, (each, place) => html`<tr class=${place === this.here ? "here" : ""}><td>${promise({ due_at: each.dispatch_due_at, started_at: each.review_passed_at })}</td><td>${this.boxes.drawBox(each)}<a class="t mono" href="/desk/pack/${each.number}">${each.number}</a><span class="d">${each.on_hold ? t("on hold") : words(each.status)}</span></td>
          <td>${each.lines.map((line) => html`<span class="d">${line.quantity} × ${line.title}</span>`)}</td><td>${each.destination.name}<span class="d">${[each.destination.city, each.destination.country].filter(Boolean).join(", ")}</span></td></tr>`)}</tbody></table></div>${this.drawMore(this.more)}`}${this.boxes.drawUpload()}`;
  }

  drawWrong() {
    return html`<div class="big-band is-wrong" role="alert"><p>${t("Stop")}</p><h2>${this.wrong}</h2><p>${t("Put it aside, then press Enter.")}</p></div>`;
  }

  drawStation(each) {
    const next = this.next, label = bought(this.labels);
    const band = each.on_hold
      ? html`<div class="big-band is-wrong" role="alert"><p>${t("Do not pack")}</p><h2>${t("The order is on hold.")}</h2></div>`
      : this.wrong
        ? this.drawWrong()
        : each.status === "dispatched"
          ? html`<div class="big-band" role="status"><p>${t("Handed over")}</p><h2>${each.number}</h2><p>${t("Scan the next order.")}</p></div>`
          : each.status === "recalled"
            ? html`<div class="big-band is-wrong" role="alert"><p>${t("Do not pack")}</p><h2>${t("The order was recalled.")}</h2></div>`
            : next
              ? html`<div class="big-band" role="status"><p>${this.last ? `${this.last} ${t("Scan next")}` : t("Scan")}</p><h2>${next.title}</h2><p>${tn("{sku}, {n} piece to go", "{sku}, {n} pieces to go", next.quantity - this.got(next), { sku: next.sku })}</p><strong>${this.done}/${this.total}<small>${t("pieces scanned")}</small></strong></div>`
              : html`<div class="big-band" role="status"><p>${this.packs.rest ? t("{done} of {total} pieces are in the box, the rest follows", { done: this.done, total: this.total }) : this.total === 1 ? t("The piece is in the box") : t("All {total} pieces are in the box", { total: this.total })}</p><h2>${this.packs.several ? t("Scan the label of box {n}", { n: this.packs.labels.length + 1 }) : t("Scan the label")}</h2><p>${label && !this.packs.several ? t("by {carrier}, {tracking_number}", { carrier: label.carrier, tracking_number: label.tracking_number }) : this.carrier ? t("by {carrier}", { carrier: this.carrier }) : this.mayBuy ? t("name the carrier first, or buy a label: L") : t("name the carrier first")}</p><strong>${this.done}/${this.total}<small>${t("pieces scanned")}</small></strong></div>`;
    return html`<div class="head"><h1><span class="mono">${each.number}</span> <small>${each.destination.name}, ${[each.destination.city, each.destination.country].filter(Boolean).join(", ")}</small></h1>${each.status === "dispatched" ? nothing : promise({ due_at: each.dispatch_due_at, started_at: each.review_passed_at })}</div>
      ${band}
      <div class="two"><ul class="pieces box">${this.wanted.map((line) => html`<li class=${line.sku === next?.sku ? "here" : this.got(line) >= line.quantity ? "full" : ""}><span><b>${line.title}</b><span class="d mono">${line.sku}</span></span><strong>${this.got(line)}/${line.quantity}</strong></li>`)}</ul>
      <aside class="box in stack" aria-label=${t("Label")}>
        ${this.labels ? nothing : html`<p class="note risk">${t("Labels cannot be read just now. Scan one that you have, or open the box again.")}</p>`}
        ${each.status === "dispatched" ? nothing : this.packs.draw(each.lines, this.scanned)}
        ${this.mayBuy || this.labels?.items.length ? html`<desk-labels .of=${this.labels} .rates=${this.rates} .page=${this} .busy=${this.busy}></desk-labels>` : nothing}
        <div class="field" ?hidden=${Boolean(label) && !this.packs.several}><label for="carrier">${t("Carrier")}</label><input id="carrier" list="carriers" .value=${this.carrier} @change=${this.nameCarrier} ?disabled=${each.status === "dispatched"}><datalist id="carriers"><option value="easypost"></option><option value="simulator"></option></datalist></div>
        <div class="field"><label for="weight">${t("Weight in grams")}</label><input id="weight" type="number" min="1" max="70000" .value=${this.weight ?? ""} @change=${this.takeWeight} ?disabled=${each.status === "dispatched"}></div>
        ${this.parcel && each.status !== "dispatched" ? facts([t("Label"), html`<span class="mono">${this.parcel}</span>`]) : nothing}
        ${each.status === "dispatched" ? facts(...each.parcels.map((parcel) => [parcel.carrier, html`<span class="mono">${parcel.tracking_number}</span>`]), ...each.warnings.map(({ detail }) => [t("Look"), detail])) : nothing}
        ${this.mayPhotograph ? html`<div class="field"><label for="photos">${t("Photos of the box")} <span class="soft">${t("(optional)")}</span></label><input id="photos" type="file" multiple accept="image/jpeg,image/png,image/webp" @change=${this.photograph} ?disabled=${this.busy}></div>` : nothing}
        <desk-photos .links=${each.photos} open></desk-photos>
        <desk-shipment-costs .number=${each.number} .of=${each}></desk-shipment-costs>
        <a class="btn" href="/desk/slip/${each.number}">${t("Slip and label")}</a>
        ${button({ label: t("All papers"), run: () => this.printPapers(), hidden: each.status === "recalled", disabled: this.busy })}
        ${button({ label: t("Hand over"), run: () => this.handOver(), hidden: each.status !== "packed", disabled: !(label || (this.parcel && this.carrier)) || this.packs.several || this.busy })}
      </aside></div>`;
  }
}

customElements.define("desk-pack", Pack);
