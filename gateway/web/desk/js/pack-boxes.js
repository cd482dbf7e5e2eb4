// A shipment that goes in several boxes: which pieces are in which, as they were scanned, and the label of each.
//
// B closes a box while pieces are to come; what is scanned then is in the next one. U opens the box again that was closed
// last. Each box has its label scanned at the end. It outlives a reload of the page, but for the labels. R says that the
// pieces that are to come follow: what was scanned leaves without them, and U takes that back until it is packed.

import { store } from "/web/js/api.js";
import { html, nothing, t } from "./parts.js";
import { live } from "./pack-labels.js";

export class PackBoxes {
  /** `closed`: the pieces of each closed box by SKU; the last box is what is scanned beside these. */
  constructor(number) {
    Object.assign(this, { key: `boxes:${number}`, labels: [] });
    this.closed = JSON.parse(store("session")?.getItem(this.key) ?? "[]");
    this.rest = store("session")?.getItem(`rest:${this.key}`) === "follows";
  }

  /** Whether it is said of each box what is in it. */
  get several() {
    return this.closed.length > 0 || this.rest;
  }

  /** How many boxes there are, as far as it is known. */
  get size() {
    return this.closed.length + 1;
  }

  /** The pieces in the box that is open, by SKU. */
  open(scanned) {
    const left = { ...scanned };
    for (const [sku, pieces] of this.closed.flatMap((each) => Object.entries(each))) left[sku] = (left[sku] ?? 0) - pieces;
    return Object.fromEntries(Object.entries(left).filter(([, pieces]) => pieces > 0));
  }

  /** Whether what is scanned next can go into another box: something is in this one, and pieces are to come. */
  mayClose(page) {
    return Boolean(page.shipment && page.next && page.done && Object.keys(this.open(page.scanned)).length);
  }

  /** Whether what is to come can follow by itself: something is scanned, and something is not. */
  mayLeaveRest(page) {
    return Boolean(page.shipment?.status === "sorting" && page.next && page.done) && !this.rest;
  }

  /** What is packed stays divided as it is: a label is scanned next. */
  mayUndo(page) {
    return this.rest ? page.shipment?.status === "sorting" : this.several;
  }

  /** Say whether the rest follows. A box that is still empty is not one then. */
  leaveRest(rest, page) {
    if (rest && !Object.keys(this.open(page.scanned)).length) this.keep(this.closed.slice(0, -1));
    this.rest = rest;
    store("session")?.setItem(`rest:${this.key}`, rest ? "follows" : "");
  }

  keys(page) {
    return [
      { key: "B Enter", label: t("the next pieces go into another box"), hidden: !this.mayClose(page) },
      { key: "R Enter", label: t("the rest follows as another shipment"), hidden: !this.mayLeaveRest(page) },
      { key: "U Enter", label: this.rest ? t("pack the rest, too") : t("open the box again that was closed last"), hidden: !this.mayUndo(page) },
    ];
  }

  /** Do what B and U stand for. Returns what is said of it, if the code was one of them. */
  takeKey(code, page) {
    const undone = code === "U" && this.rest && this.mayUndo(page);
    if (code === "R" && this.mayLeaveRest(page) && live(page.labels)) return t("The label is for all pieces: give it back first, with V.");
    if (code === "R" && this.mayLeaveRest(page)) this.leaveRest(true, page);
    else if (undone) this.leaveRest(false, page);
    else if (code === "B" && this.mayClose(page)) this.keep([...this.closed, this.open(page.scanned)]);
    else if (code === "U" && this.mayUndo(page)) this.keep(this.closed.slice(0, -1));
    else return "";
    page.requestUpdate();
    if (code === "R") return t("The rest follows. Scan the label, or U to pack it, too.");
    if (undone) return t("Nothing is left behind.");
    return code === "B" ? t("Box {n} is closed.", { n: this.closed.length }) : t("Box {n} is open again.", { n: this.size });
  }

  keep(closed) {
    Object.assign(this, { closed, labels: [] });
    store("session")?.setItem(this.key, JSON.stringify(closed));
  }

  /** Whether the shipment has all that is in the closed boxes, and something for the next one: else it was changed since. */
  fit(lines) {
    const left = lines.map((line) => ({ ...line }));
    const found = ([sku, pieces]) => taken(left, sku, pieces).reduce((sum, { quantity }) => sum + quantity, 0) === pieces;
    return !this.several || (this.closed.flatMap((each) => Object.entries(each)).every(found) && left.some(({ quantity }) => quantity));
  }

  /** All in one box again; the shipment has left, or is not what was scanned. */
  forget() {
    Object.assign(this, { closed: [], labels: [], rest: false });
    for (const key of [this.key, `rest:${this.key}`]) store("session")?.removeItem(key);
  }

  /** Take the label of the next box. True when each box has one. */
  label(parcel) {
    this.labels = [...this.labels, parcel];
    return this.labels.length >= this.size;
  }

  /** The parcels of these lines as they are handed over, and whether what is in none of them follows. */
  given({ lines }, scanned, weight) {
    const left = lines.map((line) => ({ ...line })), weighs = weight && this.size === 1 ? { weight_g: weight } : {};
    const parcels = [...this.closed, this.open(scanned)].map((pieces, place) => ({ ...this.labels[place], ...weighs, lines: Object.entries(pieces).flatMap(([sku, n]) => taken(left, sku, n)) }));
    return { parcels, ...(this.rest ? { rest_follows: true } : {}) };
  }

  /** What is in which box, by the titles of the lines. */
  draw(lines, scanned) {
    if (!this.several) return nothing;
    const title = (sku) => lines.find((line) => line.sku === sku)?.title ?? sku;
    return html`<ul class="xs stack" aria-label=${t("Boxes")}>${[...this.closed, this.open(scanned)].map((pieces, place) => html`<li><b>${t("Box {n}:", { n: place + 1 })}</b> ${Object.entries(pieces).map(([sku, n]) => `${n} × ${title(sku)}`).join(", ") || t("nothing yet")} <span class="mono">${this.labels[place]?.tracking_number ?? ""}</span></li>`)}</ul>`;
  }
}

/** Take so many pieces of a SKU out of the lines, the first line first. */
function taken(lines, sku, wanted) {
  const found = [];
  for (const line of lines.filter((each) => each.sku === sku)) {
    const quantity = Math.min(wanted, line.quantity);
    if (quantity) found.push({ line_id: line.line_id, quantity });
    Object.assign(line, { quantity: line.quantity - quantity });
    wanted -= quantity;
  }
  return found;
}
