// The pick list: what to take from which shelf for the boxes that are to be packed, and the papers of those boxes.

import { Page } from "../page.js";
import { button, html, nothing, save, t, tn } from "../parts.js";
import { get, send, session } from "../session.js";
import { words } from "../words.js";

const AT_ONCE = 20; // boxes whose papers are printed together

class Pick extends Page {
  static follows = ["logistics", "orders"];
  static properties = { list: { state: true }, manifests: { state: true } };

  constructor() {
    super();
    this.list = this.manifests = null;
  }

  async load() {
    [this.list, this.manifests] = await Promise.all([get("/v1/pick-list"), get("/v1/manifests")]);
  }

  keys() {
    const none = !this.list?.rows.length;
    return [
      { key: "p", label: t("print the list"), run: () => this.print(), hidden: none },
      { key: "a", label: t("print slips and labels"), run: () => this.printBoxes(), hidden: none },
      { key: "f", label: t("make manifests"), run: () => this.makeManifests(), hidden: !this.mayMake },
    ];
  }

  /** The boxes whose papers are printed at once: the next dispatch first. */
  get boxes() {
    return this.list.shipments.slice(0, AT_ONCE);
  }

  print() {
    return this.act(async () => save(await get("/v1/pick-list.pdf"), "pick-list.pdf"), t("The file is saved."));
  }

  printBoxes() {
    const numbers = this.boxes;
    return this.act(async () => {
      for (const kind of ["packing-slip", "address-label"]) save(await send("POST", "/v1/shipments/documents", { numbers, kind }), `${kind}s.pdf`);
    }, tn("Slips and labels of {n} box are saved.", "Slips and labels of {n} boxes are saved.", numbers.length));
  }

  get mayMake() {
    return Boolean(this.manifests?.waiting) && session.may("warehouse");
  }

  /** What carriers pick up: one paper for each, of the labels that were bought today. */
  makeManifests() {
    return this.act(() => send("POST", "/v1/manifests", {}), t("The manifests are asked for."));
  }

  printManifest({ id, carrier, day }) {
    return this.act(async () => save(await get(`/v1/manifests/${id}.pdf`), `manifest-${carrier}-${day}.pdf`), t("The file is saved."));
  }

  drawManifests() {
    const { items, waiting } = this.manifests;
    if (!items.length && !waiting) return nothing;
    return html`<section class="box scroll" tabindex="0" aria-label=${t("Manifests")}><h2>${t("Manifests")} <span class="soft">${t("what carriers pick up on a day")}</span></h2>
      ${waiting ? html`<div class="in acts">${button({ key: "f", label: tn("Make them for {n} label", "Make them for {n} labels", waiting), run: () => this.makeManifests(), hidden: !this.mayMake, disabled: this.busy })}</div>` : nothing}
      ${items.length ? html`<table class="rows"><caption class="vh">${t("Manifests")}</caption><thead><tr><th scope="col">${t("Day")}</th><th scope="col">${t("Carrier")}</th><th scope="col" class="r">${t("Parcels")}</th><th scope="col">${t("State")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        <tbody>${items.map((each) => html`<tr><td class="nw">${each.day}</td><td>${each.carrier}</td><td class="r">${each.labels}</td><td>${words(each.status)}<span class="d">${each.problem?.detail ?? ""}</span></td><td class="r">${each.status === "made" ? html`<button class="btn" ?disabled=${this.busy} @click=${() => this.printManifest(each)}>${t("Print")}</button>` : nothing}</td></tr>`)}</tbody></table>` : nothing}</section>`;
  }

  draw() {
    if (!this.list) return this.drawNone(t("Pick"), t("Nothing is to be picked."));
    const { rows, pieces, shipments, on_hold: held, more } = this.list;
    return html`<div class="head"><h1>${t("Pick")} <small>${t("{pieces} for {boxes}", { pieces: tn("{n} piece", "{n} pieces", pieces), boxes: tn("{n} box", "{n} boxes", shipments.length) })}${held ? `; ${t("{held} on hold", { held })}` : nothing}</small></h1>
        ${rows.length ? html`<div class="acts">${button({ key: "p", label: t("Print the list"), go: true, run: () => this.print(), disabled: this.busy })}${button({ key: "a", label: this.boxes.length < shipments.length ? t("Slips and labels of the first {most}", { most: AT_ONCE }) : t("Slips and labels"), run: () => this.printBoxes(), disabled: this.busy })}</div>` : nothing}</div>
      ${rows.length === 0 ? html`<div class="box empty"><h2>${t("Nothing is to be picked.")}</h2></div>` : html`<div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">${t("What to take from which shelf")}</caption>
        <thead><tr><th scope="col" data-named>${t("Shelf")}</th><th scope="col">${t("What")}</th><th scope="col" class="r">${t("Pieces")}</th><th scope="col">${t("Boxes")}</th></tr></thead>
        <tbody>${this.long.draw("shelves", rows, ({ sku }) => sku, (row) => html`<tr><td class="mono">${row.shelf ?? html`<span class="soft">${t("none")}</span>`}</td><td>${row.title}<span class="d mono"><a href="/desk/stock/${encodeURIComponent(row.sku)}">${row.sku}</a></span></td><td class="r"><b>${row.pieces}</b></td>
          <td>${row.boxes.map((box) => html`<span class="d"><a class="mono" href="/desk/pack/${box.shipment_number}">${box.shipment_number}</a> × ${box.pieces}</span>`)}</td></tr>`)}</tbody></table></div>
        ${more ? html`<p class="soft">${t("More boxes wait than fit on one list: the rest comes when these are packed.")}</p>` : nothing}`}${this.drawManifests()}`;
  }
}

customElements.define("desk-pick", Pick);
