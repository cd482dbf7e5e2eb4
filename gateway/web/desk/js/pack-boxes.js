// A shipment that goes in several boxes: which pieces are in which, as they were scanned, and the label of each.
//
// B closes a box while pieces are to come; what is scanned then is in the next one. U opens the box again that was closed
// last. Each box has its label scanned at the end. It outlives a reload of the page, but for the labels.

import { store } from "/web/js/api.js";
import { html, nothing, t } from "./parts.js";

export class PackBoxes {
  /** `closed`: the pieces of each closed box by SKU; the last box is what is scanned beside these. */
  constructor(number) {
    Object.assign(this, { key: `boxes:${number}`, labels: [] });
    this.closed = JSON.parse(store("session")?.getItem(this.key) ?? "[]");
  }

  get several() {
    return this.closed.length > 0;
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

  keys(page) {
    return [
      { key: "B Enter", label: t("the next pieces go into another box"), hidden: !this.mayClose(page) },
      { key: "U Enter", label: t("open the box again that was closed last"), hidden: !this.several },
    ];
  }

  /** Do what B and U stand for. Returns what is said of it, if the code was one of them. */
  takeKey(code, page) {
    if (code === "B" && this.mayClose(page)) this.keep([...this.closed, this.open(page.scanned)]);
    else if (code === "U" && this.several) this.keep(this.closed.slice(0, -1));
    else return "";
    page.requestUpdate();
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
    Object.assign(this, { closed: [], labels: [] });
    store("session")?.removeItem(this.key);
  }

  /** Take the label of the next box. True when each box has one. */
  label(parcel) {
    this.labels = [...this.labels, parcel];
    return this.labels.length >= this.size;
  }

  /** The parcels of these lines as they are handed over. */
  parcels(lines, scanned) {
    const left = lines.map((line) => ({ ...line }));
    return [...this.closed, this.open(scanned)].map((pieces, place) => ({ ...this.labels[place], lines: Object.entries(pieces).flatMap(([sku, n]) => taken(left, sku, n)) }));
  }

  /** What is in which box, by the titles of the lines. */
  draw(lines, scanned) {
    if (!this.several) return nothing;
    const title = (sku) => lines.find((line) => line.sku === sku)?.title ?? sku;
    return html`<ul class="xs stack" aria-label=${t("Boxes")}>${[...this.closed, this.open(scanned)].map((pieces, place) => html`<li><b>${t("Box {n}", { n: place + 1 })}</b> ${Object.entries(pieces).map(([sku, n]) => `${n} × ${title(sku)}`).join(", ") || t("nothing yet")} <span class="mono">${this.labels[place]?.tracking_number ?? ""}</span></li>`)}</ul>`;
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
