// The return bench: decide what was asked, book in what arrived, and say of each piece what it is worth.
//
// What is said piece by piece (receipt, inspection, second look, shelf) is one stage each: the same keys move through the
// pieces, a letter chooses, and S sends all of it as one command.

import { RowsPage, at, button, facts, go, html, nothing, promise, tag } from "../parts.js";
import { get, list, send } from "../session.js";
import { capital, count, money, person, words } from "../words.js";

const OPEN = ["requested", "needs_info", "appealed", "in_transit", "authorized", "received", "inspected", "refund_due"];
const PARTS = { product_status: "Product", order_information: "Order", return_reason: "Reason" };
const GROUNDS = ["damaged_after_delivery", "used_beyond_trying", "incomplete", "not_from_this_order", "already_refunded", "reason_disproved"];

/** A stage: which pieces it is about, what can be said of one, and the command that takes it. */
const STAGES = [
  {
    name: "inspection",
    title: "Say what each piece is worth",
    status: ["received"],
    of: (unit) => unit.condition !== "awaiting" && !unit.outcome && !unit.withdrawn,
    field: "outcome",
    choices: [["a", "accepted", "Accept"], ["x", "disputed", "Find a ground to reject", true], ["u", "unconfirmed", "Accept, a second person agrees"]],
  },
  {
    name: "receipt",
    title: "Book in what arrived",
    status: ["authorized", "in_transit", "received"],
    of: (unit) => unit.condition === "awaiting" && !unit.withdrawn,
    field: "condition",
    choices: [["o", "received_ok", "As it was"], ["d", "damaged", "Damaged"], ["w", "wrong_item", "Wrong item"], ["m", "missing", "Missing"]],
  },
  {
    name: "second-look",
    title: "Second look: somebody else decides",
    status: ["received", "inspected", "appealed", "refund_due"],
    of: (unit) => ["disputed", "unconfirmed", "appealed"].includes(unit.outcome),
    field: "outcome",
    choices: [["a", "accepted", "Accept"], ["x", "rejected", "Reject", true]],
  },
  {
    name: "disposition",
    title: "Back to the shelf, or not",
    status: ["received", "inspected", "refund_due", "refunded", "closed"],
    of: (unit) => unit.outcome === "accepted" && !unit.disposition && ["received_ok", "damaged", "wrong_item"].includes(unit.condition),
    field: "disposition",
    choices: [["h", "restock", "Back to the shelf"], ["z", "scrap", "Scrap"]],
  },
];

const id = (unit) => `${unit.line_id}.${unit.unit}`;
const stands = (units) => units.map((unit) => [id(unit), unit.condition, unit.outcome].join()).join(";");

class Returns extends RowsPage {
  static properties = { piece: { state: true }, findings: { state: true }, form: { state: true } };

  constructor() {
    super();
    Object.assign(this, { shown: null, piece: 0, findings: {}, form: null });
  }

  async load() {
    const parts = await Promise.all(OPEN.map((status) => list(`/v1/returns?status=${status}`, 100)));
    const due = (each) => each.commitments.find(({ status }) => status === "running")?.due_at ?? "9999";
    this.rows = parts.flatMap(({ items }) => items).sort((one, other) => due(one).localeCompare(due(other))).map((each) => ({ ...each, href: `/desk/returns/${each.number}` }));
    const wanted = this.params[0] ?? this.rows[0]?.number;
    const before = this.shown;
    this.here = Math.max(0, this.rows.findIndex(({ number }) => number === wanted));
    this.shown = wanted ? await get(`/v1/returns/${wanted}`) : null;
    if (before?.number !== wanted || before?.version !== this.shown?.version) Object.assign(this, { piece: 0, findings: {}, form: null });
  }

  /** The stage that is next: {…, units}, null if nothing is to be said of a piece. */
  get stage() {
    const { status, units } = this.shown ?? { units: [] };
    for (const stage of STAGES) {
      const wanted = units.filter((unit) => stage.of(unit));
      if (wanted.length && stage.status.includes(status)) return { ...stage, units: wanted };
    }
    return null;
  }

  get deciding() {
    return ["requested", "needs_info", "appealed"].includes(this.shown?.status);
  }

  keys() {
    const stage = this.deciding ? null : this.stage;
    return [
      ...(this.deciding
        ? [
            { key: "a", label: "authorize", run: () => this.authorize() },
            { key: "x", label: "reject", run: () => (this.form = "reject") },
            { key: "q", label: "ask the customer", run: () => (this.form = "info") },
          ]
        : []),
      ...(stage ? stage.choices.map(([key, value, label, wantsGround]) => ({ key, label: label.toLowerCase(), run: () => this.choose(value, wantsGround) })) : []),
      { key: "s", label: "send", run: () => this.sendStage(), hidden: !stage || !this.whole(stage) },
      { key: "j", label: "next", run: () => this.next(1), hidden: this.rows.length < 2 },
      { key: "k", label: "the one before", run: () => this.next(-1), hidden: this.rows.length < 2 },
      { key: "o", label: "its order", run: () => go(`/desk/orders/${this.shown.order_number}`), hidden: !this.shown || Boolean(stage?.choices.some(([key]) => key === "o")) },
    ];
  }

  next(by) {
    const row = this.rows[Math.min(Math.max(this.here + by, 0), this.rows.length - 1)];
    if (row && row.number !== this.shown?.number) go(row.href);
  }

  whole(stage) {
    return stage.units.every((unit) => this.findings[id(unit)]);
  }

  post(step, body, said) {
    return this.act(() => send("POST", `/v1/returns/${this.shown.number}/${step}`, body, { version: this.shown.version }), said);
  }

  authorize() {
    const ok = { result: "ok", note: "as the customer says" };
    return this.post("review", { decision: "authorize", parts: Object.fromEntries(Object.keys(PARTS).map((part) => [part, ok])) }, "The return is authorized, and the customer told.");
  }

  async submit(event) {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.target));
    if (this.form === "info") return this.post("review", { decision: "info", question: given.question }, "The customer is asked.");
    const parts = Object.fromEntries(Object.keys(PARTS).map((part) => [part, { result: part === given.part ? "not_ok" : "ok", note: given.explanation }]));
    return this.post("review", { decision: "reject", ground: given.ground, explanation: given.explanation, parts }, "The rejection is recorded.");
  }

  /** Say something of the piece we are at; a rejection asks for its ground first. */
  choose(value, wantsGround) {
    if (wantsGround) {
      this.form = value;
      return this.focusOn("#ground");
    }
    this.say({ [this.stage.field]: value });
  }

  say(words) {
    const stage = this.stage, unit = stage.units[this.piece];
    this.findings = { ...this.findings, [id(unit)]: { line_id: unit.line_id, unit: unit.unit, ...words } };
    this.form = null;
    const left = stage.units.findIndex((each) => !this.findings[id(each)]);
    this.piece = left === -1 ? this.piece : left;
  }

  sayGround(event) {
    event.preventDefault();
    const { ground, note, evidence } = Object.fromEntries(new FormData(event.target));
    this.say({ [this.stage.field]: this.form, ground, note, evidence: [evidence] });
  }

  async sendStage() {
    const stage = this.stage;
    if (stage && this.whole(stage)) await this.act(() => this.sendWords(stage), "It is recorded.");
  }

  /** Send what was said of each piece; once more when the return moved on, a refund say, and its pieces did not. */
  async sendWords(stage) {
    const path = `/v1/returns/${this.shown.number}/${stage.name}`, units = stage.units.map((unit) => this.findings[id(unit)]);
    try {
      return await send("POST", path, { units }, { version: this.shown.version });
    } catch (problem) {
      const now = problem.code === "version_moved" ? problem.current : null;
      if (!now || !stage.status.includes(now.status) || stands(now.units.filter(stage.of)) !== stands(stage.units)) throw problem;
      return send("POST", path, { units }, { version: now.version });
    }
  }

  async scan(event) {
    event.preventDefault();
    const code = event.target.elements.scan.value.trim().toUpperCase();
    if (code) go(`/desk/returns/${encodeURIComponent(code)}`);
    event.target.reset();
  }

  draw() {
    return html`<div class="split"><aside class="box" aria-label="Returns">
        <h2>Returns <span class="soft">${this.rows.length} by deadline</span></h2>
        <form class="in" @submit=${this.scan}><label class="vh" for="scan">Number of a return</label><input id="scan" name="scan" placeholder="Scan a return" autocomplete="off" spellcheck="false"></form>
        <ul class="picks">${this.rows.map((row) => html`<li><a href=${row.href} aria-current=${row.number === this.shown?.number ? "true" : nothing}><span class="mono">${row.number}</span>${promise(row.commitments.find(({ status }) => status === "running" || status === "paused"))}<span class="d">${words(row.status)}</span></a></li>`)}</ul></aside>
      ${this.shown ? this.drawReturn(this.shown) : html`<section><div class="head"><h1>Returns</h1></div><div class="box empty"><h2>No return waits.</h2></div></section>`}</div>`;
  }

  drawReturn(each) {
    const running = each.commitments.filter(({ status }) => status === "running" || status === "paused");
    return html`<section class="stack" aria-label="Return ${each.number}">
      <div class="head"><h1>${capital(words(each.status))} <small><span class="mono">${each.number}</span> · ${count(each.units.length, "piece")} · <a class="mono" href="/desk/orders/${each.order_number}">${each.order_number}</a></small></h1>${running.map((clock) => promise(clock))}</div>
      ${each.law ? html`<p class="note">The law (${each.law.rule}) wants the money back${each.law.due_at ? html` by ${at(each.law.due_at)}` : nothing}.</p>` : nothing}
      <div class="two"><div class="stack">
        ${each.description || each.question || each.appeal ? html`<section class="box"><h2>What the customer says</h2><div class="in stack">${each.description ? html`<p>${each.description}</p>` : nothing}${each.evidence.map((text) => html`<p class="soft">${text}</p>`)}
          ${each.question ? facts(["We asked", each.question.question], ["Answer", each.question.answer ?? "not yet"]) : nothing}${each.appeal ? facts(["Appeal", each.appeal.statement]) : nothing}</div></section>` : nothing}
        ${this.deciding ? this.drawDecision(each) : this.drawStage(each)}
      </div><aside class="stack" aria-label="Money, decisions">
        <section class="box"><h2>Money</h2><div class="in">${facts(["To pay back", money(each.refund.amount)], ["Paid back", money(each.refund.settled)])}</div></section>
        ${each.decisions?.length ? html`<section class="box"><h2>Decisions</h2><ul class="in stack">${each.decisions.map((one) => html`<li><b>${capital(words(one.decision))}</b> ${person(one.by)} <span class="d">${at(one.at)} ${one.words}</span></li>`)}</ul></section>` : nothing}
      </aside></div></section>`;
  }

  drawDecision(each) {
    if (this.form === "reject" || this.form === "info") return this.drawForm();
    const asked = each.requested_by ? `${person(each.requested_by)} asked for it on behalf of the customer, so another person decides. ` : "";
    return html`<div class="box in decide"><p>${asked}${each.status === "appealed" ? "The customer objects. A third person decides." : "Product, order and reason: look at all three."}</p>
      ${button({ key: "a", label: "Authorize", go: true, run: () => this.authorize(), disabled: this.busy })}
      ${button({ key: "q", label: "Ask the customer", run: () => (this.form = "info"), hidden: each.status === "appealed" })}
      ${button({ key: "x", label: "Reject", stop: true, run: () => (this.form = "reject") })}</div>
      ${this.drawUnits(each.units)}`;
  }

  drawForm() {
    const ask = this.form === "info";
    return html`<form class="box in stack" @submit=${this.submit}><h2>${ask ? "Ask the customer" : "Reject, with the reason for the customer"}</h2>
      ${ask
        ? html`<label for="question">Your question</label><textarea id="question" name="question" rows="3" required maxlength="2000"></textarea>`
        : html`<div class="field"><label for="part">What is wrong</label><select id="part" name="part">${Object.entries(PARTS).map(([part, title]) => html`<option value=${part}>${title}</option>`)}</select></div>${this.grounds()}
          <label for="explanation">Words for the customer</label><textarea id="explanation" name="explanation" rows="3" required maxlength="2000"></textarea>`}
      <div class="acts"><button class="btn ${ask ? "go" : "stop"}" ?disabled=${this.busy}>${ask ? "Ask" : "Reject"}</button><button type="button" class="btn" @click=${() => (this.form = null)}>Back</button></div></form>`;
  }

  grounds() {
    return html`<div class="field"><label for="ground">Ground</label><select id="ground" name="ground">${GROUNDS.map((ground) => html`<option value=${ground}>${capital(words(ground))}</option>`)}</select></div>`;
  }

  drawStage(each) {
    const stage = this.stage;
    if (!stage) return html`<div class="box in"><p class="soft">Nothing is to be done here now.</p></div>${this.drawUnits(each.units)}`;
    const sum = stage.units.filter((unit) => this.findings[id(unit)]?.outcome === "accepted").reduce((cents, unit) => cents + Math.round(Number(unit.paid.amount) * 100), 0);
    return html`<section class="box"><h2>${stage.title} <span class="soft">${stage.name === "inspection" ? `accepted so far: ${(sum / 100).toFixed(2)} USD` : count(stage.units.length, "piece")}</span></h2>
      <ol class="units">${stage.units.map((unit, place) => this.drawUnit(stage, unit, place))}</ol>
      <div class="in">${this.form ? html`<form class="stack" @submit=${this.sayGround}>${this.grounds()}<label for="note">Why, in words for the customer</label><textarea id="note" name="note" rows="2" required maxlength="2000"></textarea>
          <div class="field"><label for="evidence">Link to the photo that shows it</label><input id="evidence" name="evidence" type="url" required pattern="https://.*" title="A link that begins with https://"></div>
          <div class="acts"><button class="btn stop">Take it as found</button><button type="button" class="btn" @click=${() => (this.form = null)}>Back</button></div></form>`
        : html`<div class="acts">${stage.choices.map(([key, value, label, wantsGround]) => button({ key, label, run: () => this.choose(value, wantsGround) }))}${button({ key: "s", label: "Send", go: true, run: () => this.sendStage(), disabled: !this.whole(stage) || this.busy })}</div>`}</div></section>`;
  }

  drawUnit(stage, unit, place) {
    const said = this.findings[id(unit)];
    const label = stage.choices.find(([, value]) => value === said?.[stage.field])?.[2];
    return html`<li class=${place === this.piece ? "here" : ""} @click=${() => (this.piece = place)}><span><b>${unit.title}</b><span class="d mono">${unit.sku}</span></span>
      <span class="d">${words(unit.reason)}${unit.condition === "awaiting" ? "" : ` · ${words(unit.condition)}`}${unit.note ? ` · ${unit.note}` : ""}</span><span>${money(unit.paid)}</span>${label ? tag(label, said.ground ? "late" : "kept") : tag("not yet")}</li>`;
  }

  drawUnits(units) {
    return html`<section class="box"><h2>Pieces</h2><ol class="units">${units.map((unit) => html`<li><span><b>${unit.title}</b><span class="d mono">${unit.sku}</span></span><span class="d">${words(unit.reason)} · ${words(unit.condition)}</span><span>${money(unit.paid)}</span>${unit.outcome ? tag(words(unit.outcome), unit.outcome === "accepted" ? "kept" : "") : nothing}</li>`)}</ol></section>`;
  }
}

customElements.define("desk-returns", Returns);
