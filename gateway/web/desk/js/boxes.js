// Several boxes of the queue at once: chosen there and moved a step on, or handed over by a file of tracking numbers,
// which is looked at before it is taken in. A box that is refused stays chosen, with the reason.

import { newKey } from "/web/js/api.js";
import { button, html, nothing, t, tag, tn } from "./parts.js";
import { send, sendFile } from "./session.js";
import { Chosen } from "./triage.js";

const MOST = 50; // the API takes no more at once
const STEPS = { sorted: t("Begin to sort them"), packed: t("They are packed"), dispatched: t("Hand them over, each under its bought label") };
const OUTCOMES = { ready: [t("would leave"), "kept"], done: [t("handed over"), "kept"], known: [t("handed over before"), ""], repeated: [t("said before, counts once"), ""], refused: [t("refused"), "late"] };
const PATH = "/v1/shipments/batch";

export class ChosenBoxes extends Chosen {
  constructor(page) {
    super(page);
    Object.assign(this, { step: "sorted", file: null, taken: null });
  }

  keys() {
    const none = !this.page.rows.length;
    return [
      { key: "Space", label: t("choose for a step with several"), hidden: none },
      { key: "Y Enter", label: t("do with the chosen"), hidden: none || !this.seen.size },
    ];
  }

  /** Do something of which each part is done once: the same again has the same key until there is an answer. */
  async once(asked, doing) {
    const same = JSON.stringify(asked);
    if (this.asked !== same) Object.assign(this, { asked: same, key: newKey() });
    const found = await doing(this.key);
    this.asked = null;
    return found;
  }

  async submit(event) {
    event.preventDefault();
    const numbers = [...this.seen.keys()].slice(0, MOST), asked = { step: this.step, numbers };
    let found = null;
    if (!(await this.page.act(async () => (found = await this.once(asked, (key) => send("POST", PATH, asked, { key })))))) return;
    this.outcomes = found.items.filter(({ status }) => status !== 200);
    this.seen = new Map(this.outcomes.map(({ number }) => [number, null]));
    this.page.said = t("Done for {done} of {all}.", { done: found.done, all: numbers.length });
    this.page.focusOn("#scan");
  }

  /** Say what would become of each row; nothing is kept yet. */
  async preview(event) {
    event.preventDefault();
    const field = event.target.elements.file, [file] = field.files;
    await this.page.act(async () => {
      Object.assign(this, { file: null, taken: null });
      const text = await file.text();
      this.file = { name: file.name, text, ...(await sendFile(`${PATH}/dispatched/preview`, text, "text/csv")) };
      field.value = "";
    }, t("This is what would become of it."));
    if (this.file) this.page.focusOn(".preview .btn");
  }

  async takeIn() {
    await this.page.act(async () => {
      const { text } = this.file;
      this.taken = await this.once(text, (key) => sendFile(`${PATH}/dispatched`, text, "text/csv", key));
      this.file = null;
    }, t("The file is taken in."));
    this.page.focusOn("#scan");
  }

  drop() {
    Object.assign(this, { file: null, taken: null });
    this.page.requestUpdate();
    this.page.focusOn("#scan");
  }

  drawBox(row) {
    return super.drawBox({ ...row, subject: row.number });
  }

  draw() {
    return html`${this.drawChosen()}${this.file ? this.drawFile(this.file) : nothing}${this.taken ? this.drawTaken(this.taken) : nothing}`;
  }

  drawChosen() {
    const { size } = this.seen, { busy } = this.page;
    if (!size && !this.outcomes.length) return nothing;
    return html`<form class="box in stack bulk" aria-label=${t("With the chosen")} @submit=${(event) => this.submit(event)}>
      <div class="acts"><b role="status">${tn("{n} shipment chosen", "{n} shipments chosen", size)}</b>${size > MOST ? html`<span class="soft">${t("The first {most} are done now.", { most: MOST })}</span>` : nothing}
        <label class="vh" for="bulk-step">${t("What to do with them")}</label><select id="bulk-step" @change=${(event) => (this.step = event.target.value)}>${Object.entries(STEPS).map(([step, title]) => html`<option value=${step} ?selected=${step === this.step}>${title}</option>`)}</select>
        <button class="btn go" ?disabled=${busy || !size}>${t("Do it")}</button><button type="button" class="btn" @click=${() => this.clear()}>${t("Choose none")}</button></div>
      ${this.outcomes.length ? html`<ul class="stack" aria-label=${t("What was refused")}>${this.outcomes.map(({ number, detail }) => html`<li>${tag(t("not done"), "late")} <a class="mono" href="/desk/pack/${number}">${number}</a> ${detail}</li>`)}</ul>` : nothing}</form>`;
  }

  /** The field for a file, at the foot of the queue. */
  drawUpload() {
    return html`<form class="box in acts" @submit=${(event) => this.preview(event)}><label for="file">${t("Hand over by a file: number, carrier, tracking_number (CSV)")}</label><input id="file" name="file" type="file" accept=".csv,text/csv" required><button class="btn" ?disabled=${this.page.busy}>${t("See what becomes of it")}</button></form>`;
  }

  drawFile(file) {
    return html`<section class="box preview draft" aria-label=${t("What would become of it")}><h2>${file.name}: ${tn("{n} shipment would leave", "{n} shipments would leave", file.shipments)} <span class="soft">${t("{refused} refused", file)}</span></h2>
      ${drawRows(file.rows)}<div class="in acts">${button({ label: t("Hand over"), go: true, run: () => this.takeIn(), disabled: this.page.busy, hidden: !file.shipments })}${button({ label: t("Leave it"), run: () => this.drop() })}</div></section>`;
  }

  drawTaken(taken) {
    return html`<section class="box" aria-label=${t("What became of it")}><h2>${tn("{n} shipment has left", "{n} shipments have left", taken.shipments)} <span class="soft">${t("{refused} refused", taken)}</span></h2>
      ${drawRows(taken.rows)}<div class="in acts">${button({ label: t("Seen"), run: () => this.drop() })}</div></section>`;
  }
}

function drawRows(rows) {
  return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("Rows")}><table><caption class="vh">${t("Rows of the file")}</caption><thead><tr><th scope="col" class="r">${t("Row")}</th><th scope="col">${t("Shipment")}</th><th scope="col">${t("Parcel")}</th><th scope="col">${t("Becomes")}</th></tr></thead>
    <tbody>${rows.map((row) => html`<tr><td class="r">${row.row}</td><td class="mono">${row.number ?? "–"}</td><td><span class="mono">${row.tracking_number ?? "–"}</span><span class="d">${row.carrier ?? ""}</span></td><td>${tag(...OUTCOMES[row.outcome])}<span class="d">${row.detail ?? ""}</span></td></tr>`)}</tbody></table></div>`;
}
