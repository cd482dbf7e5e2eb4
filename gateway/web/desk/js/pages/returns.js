// The return bench: decide what was asked, book in what arrived, and say of each piece what it is worth.
//
// What is said piece by piece (`return-stages.js`) is one stage each: the same keys move through the pieces, a letter
// chooses, and S sends all of it as one command. What a second person has to decide says why you may, or may not.

import { asEvidence, filesField, showEvidence, takesFiles } from "/web/js/files.js";
import { filledIn, givenIn } from "../given.js";
import { SplitPage, go, keyOf } from "../page.js";
import { at, button, facts, html, nothing, parts, promise, repeat, t, tag, tn } from "../parts.js";
import { GROUNDS, PARTS, STATES, id, mayDecide, stageOf, stands, stillOpen } from "../return-stages.js";
import { get, list, send, session } from "../session.js";
import { capital, money, person, words } from "../words.js";
import "./return-postage.js";

const OPEN = ["requested", "needs_info", "appealed", "in_transit", "authorized", "received", "inspected", "refund_due", "exchange_due"];
const WAITS = ["second_look", "send_back", "postage"];
const NOT_HERE = ["awaiting", "missing", "lost_by_carrier"];
const mine = (actor) => person(actor) === session.email;

class Returns extends SplitPage {
  static properties = { piece: { state: true }, findings: { state: true }, form: { state: true } };
  static follows = ["aftersales"];

  shut() {
    return { shown: null, piece: 0, findings: {}, form: null };
  }

  constructor() {
    super();
    Object.assign(this, this.shut(), { more: false, evidence: new Map() });
  }

  get opened() {
    return this.shown;
  }

  async loadRows() {
    const queries = [...OPEN.map((status) => `status=${status}`), ...WAITS.map((what) => `waits_for=${what}`)];
    const parts = await Promise.all(queries.map((query) => list(`/v1/returns?${query}`, this.most)));
    const found = new Map(parts.flatMap(({ items }) => items).map((each) => [each.number, each]));
    const due = (each) => each.commitments.find(({ status }) => status === "running")?.due_at ?? "9999";
    this.more = parts.some(({ more }) => more);
    this.rows = [...found.values()].sort((one, other) => due(one).localeCompare(due(other))).map((each) => ({ ...each, href: `/desk/returns/${each.number}` }));
  }

  async loadOne(wanted) {
    const before = this.shown, stage = this.stage?.name;
    const shown = wanted ? await get(`/v1/returns/${wanted}`) : null;
    if (wanted !== this.params[0]) return;
    const decided = before && this.deciding;
    this.shown = shown;
    if (before?.number !== wanted) Object.assign(this, { piece: 0, findings: {}, form: null });
    else if (stage !== this.stage?.name || (decided && !this.deciding)) Object.assign(this, { piece: 0, findings: {}, form: null });
    else {
      this.findings = stillOpen(this.findings, this.stage);
      this.piece = Math.min(this.piece, Math.max(0, (this.stage?.units.length ?? 1) - 1));
    }
  }

  /** The stage that is next: {…, units}, null if nothing is to be said of a piece. */
  get stage() {
    return stageOf(this.shown, mine);
  }

  get deciding() {
    return ["requested", "needs_info", "appealed"].includes(this.shown?.status);
  }

  /** Why the reader may not decide about the request, "" if they may. */
  get barred() {
    const { requested_by: by, status, decisions = [] } = this.shown;
    if (mine(by)) return t("You asked for it in the customer's name, so another person decides.");
    if (status === "appealed" && decisions.some((one) => one.decision === "reject" && mine(one.by))) return t("You rejected it, so a third person decides about the appeal.");
    return "";
  }

  /** The rejection that one person proposed and nobody has confirmed. */
  get proposal() {
    const last = this.shown.decisions?.at(-1);
    return this.shown.status === "requested" && last?.decision === "reject" ? last : null;
  }

  /** Pieces that were rejected for good and are still here. */
  get toSendBack() {
    return (this.shown?.units ?? []).filter((unit) => unit.outcome === "rejected_final" && !unit.sent_back && !NOT_HERE.includes(unit.condition));
  }

  keys() {
    if (!this.shown) return [];
    const stage = this.deciding ? null : this.stage;
    return [
      ...(this.deciding && !this.barred
        ? [
            { key: "a", label: t("authorize"), run: () => this.authorize(), hidden: this.shown.status === "needs_info" },
            { key: "x", label: t("reject"), run: () => this.show("reject"), hidden: this.cannotReject || this.shown.status === "needs_info" },
            { key: "q", label: t("ask the customer"), run: () => this.show("info"), hidden: this.shown.status !== "requested" },
          ]
        : []),
      ...(stage ? stage.choices.map(([key, value, label, wantsGround]) => ({ key, label: label.toLowerCase(), run: () => this.finding(value, wantsGround) })) : []),
      { key: "s", label: t("send"), run: () => this.sendStage(), hidden: !stage || !this.whole(stage) },
      { key: "b", label: t("send the goods back"), run: () => this.show("back"), hidden: this.toSendBack.length === 0 },
      ...this.stepping(),
      { key: "i", label: t("its order"), run: () => go(`/desk/orders/${this.shown.order_number}`) },
    ];
  }

  /** Who proposed a rejection cannot confirm it. */
  get cannotReject() {
    return Boolean(this.proposal && mine(this.proposal.by));
  }

  show(form) {
    this.form = form;
    this.focusOn("form.of-return :is(textarea, select, input)");
  }

  whole(stage) {
    return stage.units.every((unit) => this.findings[id(unit)]);
  }

  async post(step, body, said) {
    const done = await this.act(() => send("POST", `/v1/returns/${this.shown.number}/${step}`, body, { version: this.shown.version }), said);
    if (done) this.form = null;
    return done;
  }

  authorize() {
    const ok = { result: "ok", note: "as the customer says" };
    return this.post("review", { decision: "authorize", parts: Object.fromEntries(Object.keys(PARTS).map((part) => [part, ok])) }, t("The return is authorized, and the customer told."));
  }

  submit(event) {
    event.preventDefault();
    const given = filledIn(event.target);
    if (this.form === "info") return this.post("review", { decision: "info", question: given.question }, t("The customer is asked."));
    if (this.form === "back") return this.post("sent-back", given, t("It is recorded; the customer is told."));
    const wrong = GROUNDS[given.ground];
    const parts = Object.fromEntries(Object.keys(PARTS).map((part) => [part, part === wrong ? { result: "not_ok", note: given.evidence } : { result: "ok", note: "" }]));
    return this.post("review", { decision: "reject", ground: given.ground, explanation: given.explanation, parts }, this.proposal || this.shown.status === "appealed" ? t("It is rejected, and the customer told.") : t("A second person has to confirm it; until then nothing is told."));
  }

  /** Say something of the piece we are at; a rejection asks for its ground first. */
  finding(value, wantsGround) {
    if (wantsGround) {
      const field = filesField("photos", t("Photos that show it"));
      this.photos = { field, files: takesFiles(field, { token: () => session.token, staff: true }) };
      this.form = value;
      return this.focusOn("#ground");
    }
    this.say({ [this.stage.field]: value });
  }

  say(said) {
    const stage = this.stage, unit = stage.units[this.piece];
    if (!unit) return;
    this.findings = { ...this.findings, [id(unit)]: { line_id: unit.line_id, unit: unit.unit, ...said } };
    this.form = null;
    const left = stage.units.findIndex((each) => !this.findings[id(each)]);
    this.piece = left === -1 ? this.piece : left;
  }

  async sayGround(event) {
    event.preventDefault();
    const { ground, note, evidence: link } = givenIn(event.target);
    const { form, stage, piece, photos: { files } } = this, known = stage.units[piece]?.evidence.length && stage.name !== "inspection";
    this.problem = null;
    const sent = await files.ids().catch((problem) => Object.assign(this, { problem }) && null);
    if (!sent || form !== this.form || piece !== this.piece) return; // not taken, or put away meanwhile
    const evidence = [...(link ? [link] : []), ...asEvidence(sent)];
    if (!evidence.length && !known) return Object.assign(this, { problem: { detail: t("A photo that shows it is needed, or a link to one.") } });
    this.say({ [stage.field]: form, ground, note, evidence });
  }

  /** Evidence, drawn once: a picture of it is fetched. */
  evidenceOf(links, where = "") {
    const name = [where, ...links].join(" ");
    if (!links.length) return nothing;
    if (!this.evidence.has(name)) this.evidence.set(name, showEvidence(links, () => session.token));
    return this.evidence.get(name);
  }

  async sendStage() {
    const stage = this.stage;
    if (stage && this.whole(stage)) await this.act(() => this.sendWords(stage), t("It is recorded."));
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

  scan(event) {
    event.preventDefault();
    const code = event.target.elements.scan.value.trim().toUpperCase();
    if (code) go(`/desk/returns/${encodeURIComponent(code)}`);
    event.target.reset();
  }

  draw() {
    return html`<div class="split"><aside class="box" aria-label=${t("Returns")}>
        <h2>${t("Returns")} <span class="soft">${t("{n} by deadline", { n: this.rows.length })}</span></h2>
        <form class="in" @submit=${this.scan}><label class="vh" for="scan">${t("Number of a return")}</label><input id="scan" name="scan" placeholder=${t("Scan a return")} autocomplete="off" spellcheck="false"></form>
        <ul class="picks">${this.long.draw("returns", this.rows, keyOf, (row) => html`<li><a href=${row.href} aria-current=${row.number === this.shown?.number ? "true" : nothing}><span class="mono">${row.number}</span>${promise(row.commitments.find(({ status }) => status === "running" || status === "paused"))}<span class="d">${words(row.status)}</span></a></li>`, "li")}</ul>${this.drawMore(this.more)}</aside>
      ${this.shown ? this.drawReturn(this.shown) : this.drawNone(t("Returns"), this.rows.length ? t("No return is open.") : t("No return waits."))}</div>`;
  }

  drawReturn(each) {
    const running = each.commitments.filter(({ status }) => status === "running" || status === "paused");
    return html`<section class="stack" aria-label=${t("Return {number}", { number: each.number })}>
      <div class="head"><h1>${STATES[each.status]} <small><span class="mono">${each.number}</span> · ${tn("{n} piece", "{n} pieces", each.units.length)} · <a class="mono" href="/desk/orders/${each.order_number}">${each.order_number}</a></small></h1>${running.map((clock) => promise(clock))}</div>
      ${each.outcome === "exchange" ? html`<p class="note">${t("The customer wants the same again instead of the money: what you accept is sent once more, if it is there.")}</p>` : nothing}
      ${each.law ? html`<p class="note">${each.law.due_at ? parts("The law ({rule}) wants the money back by {at}.", { rule: each.law.rule, at: at(each.law.due_at) }) : t("The law ({rule}) wants the money back.", { rule: each.law.rule })}</p>` : nothing}
      <div class="two"><div class="stack">
        ${each.description || each.question || each.appeal || each.evidence.length ? html`<section class="box"><h2>${t("What the customer says")}</h2><div class="in stack">${each.description ? html`<p>${each.description}</p>` : nothing}${this.evidenceOf(each.evidence)}
          ${each.question ? facts([t("We asked"), each.question.question], [t("Answer"), each.question.answer ?? t("not yet")]) : nothing}${each.appeal ? facts([t("Appeal"), each.appeal.statement]) : nothing}</div></section>` : nothing}
        ${this.deciding ? this.drawDecision(each) : this.drawStage(each)}
        ${this.toSendBack.length ? this.drawSendBack() : nothing}
        ${each.postage.length ? html`<desk-postage .of=${each} .page=${this}></desk-postage>` : nothing}
      </div><aside class="stack" aria-label=${t("Money, decisions")}>
        <section class="box"><h2>${t("Money")}</h2><div class="in">${facts([t("To pay back"), money(each.refund.amount)], [t("Paid back"), money(each.refund.settled)])}</div></section>
        ${each.decisions?.length ? html`<section class="box"><h2>${t("Decisions")}</h2><ul class="in stack">${each.decisions.map((one) => html`<li><b>${capital(words(one.decision))}</b> ${person(one.by)} <span class="d">${at(one.at)} ${one.words}</span></li>`)}</ul></section>` : nothing}
        ${each.appeal_by ? html`<p class="note">${parts("The customer may object until {appeal_by}.", { appeal_by: at(each.appeal_by) })}</p>` : nothing}
      </aside></div></section>`;
  }

  drawDecision(each) {
    if (this.form === "reject" || this.form === "info") return this.drawForm();
    const proposal = this.proposal;
    const why = this.barred || (each.status === "appealed" ? t("The customer objects. You rejected nothing of it, so you may decide.") : each.status === "needs_info" ? t("The customer was asked and has not answered.") : t("Product, order and reason: look at all three."));
    return html`${proposal ? html`<div class="note draft"><p><b>${t("{by} would reject it:", { by: person(proposal.by) })}</b> ${words(proposal.ground)}. ${proposal.words}</p><p class="d">${this.cannotReject ? t("Somebody else has to confirm it.") : t("Reject on the same ground to confirm it, or authorize the return.")}</p></div>` : nothing}
      <div class="box in decide"><p>${why}</p>
      ${this.barred ? nothing : html`${button({ key: "a", label: t("Authorize"), go: true, run: () => this.authorize(), disabled: this.busy, hidden: each.status === "needs_info" })}
      ${button({ key: "q", label: t("Ask the customer"), run: () => this.show("info"), hidden: each.status !== "requested" })}
      ${button({ key: "x", label: proposal && !this.cannotReject ? t("Confirm the rejection") : t("Reject"), stop: true, run: () => this.show("reject"), hidden: this.cannotReject || each.status === "needs_info" })}`}</div>
      ${this.drawUnits(each.units)}`;
  }

  drawForm() {
    const ask = this.form === "info", proposal = this.proposal;
    const evidence = proposal && proposal.parts[GROUNDS[proposal.ground]]?.note;
    return html`<form class="box in stack of-return" @submit=${this.submit}><h2>${ask ? t("Ask the customer") : t("Reject, with the reason for the customer")}</h2>
      ${ask
        ? html`<label for="question">${t("Your question")}</label><textarea id="question" name="question" rows="3" required maxlength="2000"></textarea>`
        : html`${this.grounds(proposal?.ground)}
          <label for="evidence">${t("What shows it, for staff")}</label><textarea id="evidence" name="evidence" rows="2" required maxlength="4000" .defaultValue=${evidence ?? ""}></textarea>
          <label for="explanation">${t("Words for the customer")}</label><textarea id="explanation" name="explanation" rows="3" required maxlength="2000" .defaultValue=${proposal?.words ?? ""}></textarea>
          ${proposal || this.shown.status === "appealed" ? nothing : html`<p class="soft xs">${t("A second person has to confirm it. The customer may object.")}</p>`}`}
      <div class="acts"><button class="btn ${ask ? "go" : "stop"}" ?disabled=${this.busy}>${ask ? t("Ask") : t("Reject")}</button><button type="button" class="btn" @click=${() => (this.form = null)}>${t("Back")}</button></div></form>`;
  }

  grounds(chosen) {
    return html`<div class="field"><label for="ground">${t("Ground")}</label><select id="ground" name="ground">${Object.keys(GROUNDS).map((ground) => html`<option value=${ground} ?selected=${ground === chosen}>${capital(words(ground))}</option>`)}</select></div>`;
  }

  drawSendBack() {
    return this.form === "back"
      ? html`<form class="box in stack of-return" @submit=${this.submit}><h2>${t("Send the rejected goods back")}</h2><div class="field"><label for="back-carrier">${t("Carrier")}</label><input id="back-carrier" name="carrier" required maxlength="64"></div><div class="field"><label for="back-number">${t("Tracking number")}</label><input id="back-number" name="tracking_number" required maxlength="64"></div>
          <div class="acts"><button class="btn go" ?disabled=${this.busy}>${t("It is on its way")}</button><button type="button" class="btn" @click=${() => (this.form = null)}>${t("Back")}</button></div></form>`
      : html`<div class="box in decide"><p>${tn("{n} piece rejected for good: the goods are the customer's.", "{n} pieces rejected for good: the goods are the customer's.", this.toSendBack.length)}</p>${button({ key: "b", label: t("Send back"), go: true, run: () => this.show("back") })}</div>`;
  }

  drawStage(each) {
    const stage = this.stage;
    const others = each.units.filter((unit) => !mayDecide(unit, each, mine));
    const barred = others.length ? html`<p class="note draft">${tn("{n} piece waits for a second person: you had a part in what was found.", "{n} pieces wait for a second person: you had a part in what was found.", others.length)}</p>` : nothing;
    if (!stage) return html`${barred}${others.length ? nothing : html`<div class="box in"><p class="soft">${t("Nothing is to be done here now.")}</p></div>`}${this.drawUnits(each.units)}`;
    const sum = stage.units.filter((unit) => this.findings[id(unit)]?.outcome === "accepted").reduce((cents, unit) => cents + Math.round(Number(unit.paid.amount) * 100), 0);
    const confirming = stage.name === "second-look";
    return html`${barred}<section class="box ${confirming ? "draft" : ""}"><h2>${stage.title} <span class="soft">${stage.name === "inspection" ? t("accepted so far: {sum} USD", { sum: (sum / 100).toFixed(2) }) : tn("{n} piece", "{n} pieces", stage.units.length)}</span></h2>
      <ol class="units">${repeat(stage.units, id, (unit, place) => this.drawUnit(stage, unit, place))}</ol>
      <div class="in">${this.form && this.form !== "back" ? html`<form class="stack of-return" @submit=${this.sayGround}>${this.grounds(stage.units[this.piece]?.ground)}<label for="note">${t("Why, in words for the customer")}</label><textarea id="note" name="note" rows="2" required maxlength="2000" .defaultValue=${confirming ? (stage.units[this.piece]?.note ?? "") : ""}></textarea>
          ${this.photos.field}<div class="field"><label for="evidence">${t("Or a link to one")}</label><input id="evidence" name="evidence" type="url" pattern="https://.*" title=${t("A link that begins with https://")}></div>
          <div class="acts"><button class="btn stop">${t("Take it as found")}</button><button type="button" class="btn" @click=${() => (this.form = null)}>${t("Back")}</button></div></form>`
        : html`<div class="acts">${stage.choices.map(([key, value, label, wantsGround]) => button({ key, label, run: () => this.finding(value, wantsGround) }))}${button({ key: "s", label: t("Send"), go: true, run: () => this.sendStage(), disabled: !this.whole(stage) || this.busy })}</div>`}</div></section>`;
  }

  drawUnit(stage, unit, place) {
    const said = this.findings[id(unit)];
    const label = stage.choices.find(([, value]) => value === said?.[stage.field])?.[2];
    return html`<li class=${place === this.piece ? "here" : ""} @click=${() => (this.piece = place)}><span><b>${unit.title}</b><span class="d mono">${unit.sku}</span></span>
      <span class="d">${words(unit.reason)}${unit.condition === "awaiting" ? "" : ` · ${words(unit.condition)}`}${unit.ground ? ` · ${words(unit.ground)}` : ""}${unit.note ? ` · ${unit.note}` : ""}${unit.found_by ? ` · ${t("found by {person}", { person: person(unit.found_by) })}` : ""}${this.evidenceOf(unit.evidence, id(unit))}</span><span>${money(unit.paid)}</span>${label ? tag(label, said.ground ? "late" : "kept") : tag(t("not yet"))}</li>`;
  }

  drawUnits(units) {
    return html`<section class="box"><h2>${t("Pieces")}</h2><ol class="units">${units.map((unit) => html`<li><span><b>${unit.title}</b><span class="d mono">${unit.sku}</span></span><span class="d">${words(unit.reason)} · ${words(unit.condition)}${unit.ground ? ` · ${words(unit.ground)}` : ""}${unit.note ? ` · ${unit.note}` : ""}${this.evidenceOf(unit.evidence, `piece ${id(unit)}`)}${unit.sent_back ? html` · ${parts("sent back {at}", { at: at(unit.sent_back.at) })}` : nothing}${unit.exchange ? html` · ${t("sent again with {number}", { number: unit.exchange.shipment_number })}` : nothing}</span><span>${money(unit.paid)}</span>${unit.outcome ? tag(words(unit.outcome), ["accepted", "exchanged"].includes(unit.outcome) ? "kept" : "") : nothing}</li>`)}</ol></section>`;
  }
}

customElements.define("desk-returns", Returns);
