// Inbox: conversations by deadline; one of them with its thread, notes visibly different, an answer, and its end.
//
// What is being written is kept per conversation, a note and an answer apart (`../drafts.js`), until it is sent. A note
// that is not sent is never shown, or sent, as an answer.

import { filesField, pastedFiles, showFiles, takesFiles } from "/web/js/files.js";
import { arrivedIn, begun } from "../arrived.js";
import { chooseBasis, drawBasis, letGo } from "../basis.js";
import { drafts, drawDraft } from "../drafts.js";
import { givenIn } from "../given.js";
import { letReplyGo, opensReplies } from "../replies.js";
import { SplitPage, go, keyOf } from "../page.js";
import { at, button, facts, html, keyed, nothing, parts, promise, repeat, t, tag, tc } from "../parts.js";
import { get, list, send, session } from "../session.js";
import { COMPLAINT_FIELDS, complaintStep, drawComplaint, drawComplaintForm, nextComplaintStep } from "../complaint.js";
import { FIELDS, drawForm as drawLookedIntoForm, drawLookedInto, draftIn, nextStep, request, sent } from "../looked-into.js";
import { Viewing } from "../viewing.js";
import { CATEGORIES, Chosen, PRIORITIES, TRIAGE_FIELDS, drawBelonging, drawEnding, drawMergedNote, drawQuarantine, drawTriageForm, notesOnly, othersOf, quarantineKeys, takeTriageStep, triageSteps } from "../triage.js";
import { BEGINNINGS, capital, person, words } from "../words.js";
import "../beside.js";

const own = (ticket) => person(ticket.assignee) === session.email;
const kindOf = (note) => (note ? "note" : "answer");

/** A view: its name, its title, what it asks for; `counted`: how the API calls it, where it counts it. */
const of = (view, title) => ({ name: view, title, asks: { view }, counted: view });
const ended = (status, title) => ({ name: status, title, asks: { status } });
const VIEWS = [
  of("open", t("Open")), of("mine", t("Mine")), of("unassigned", t("Nobody's")), of("overdue", t("Late")), of("escalated", t("Lead wanted")), of("verifying", t("Looked into")),
  of("waiting", t("Waiting")), ended("resolved", t("Resolved")), ended("closed", t("Closed")), of("spam", t("Spam")), of("quarantined", t("Set aside")),
];
const ALL = { name: "all", title: t("All but spam"), asks: {} }; // what a search looks through
const MOST = 1000; // the API counts no further
const pressing = ({ priority, escalated_at, rung, status }, listed = false) => html`${listed && status === "merged" ? tag(t("merged")) : nothing}${rung ? tag(t("{share} % of its time", { share: rung.share }), rung.share < 100 ? "risk" : "late") : nothing}${escalated_at ? tag(t("lead wanted"), "late") : nothing}${["high", "urgent"].includes(priority) ? tag(words(priority), priority === "urgent" ? "late" : "") : nothing}`;
const NEEDS = { ...FIELDS, ...TRIAGE_FIELDS, ...COMPLAINT_FIELDS, end: "input[name=code]", spam: "#reason", restore: "#reason", reopen: "#again", amend: "#category" };

class Inbox extends SplitPage {
  static properties = { view: { state: true }, note: { state: true }, form: { state: true }, code: { state: true } };
  static follows = ["support"];

  shut() {
    return { ticket: null, found: null, form: null, note: false };
  }

  constructor() {
    super();
    Object.assign(this, this.shut(), { view: VIEWS[0], code: "answered", counts: null, more: false, teams: [], filesShown: new Map(), composed: new Map(), others: [], chosen: new Chosen(this), drawn: () => this.requestUpdate() });
    this.viewing = new Viewing(this);
  }

  connectedCallback() {
    super.connectedCallback();
    drafts.addEventListener("change", this.drawn);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    drafts.removeEventListener("change", this.drawn);
  }

  get opened() {
    return this.ticket;
  }

  /** What the address asks for: {view, q, category, team}. */
  get asked() {
    const query = new URLSearchParams(location.search), named = query.get("view"), q = query.get("q") ?? "";
    return { view: [...VIEWS, ALL].find(({ name }) => name === named) ?? (q ? ALL : VIEWS[0]), q, category: query.get("category") ?? "", team: query.get("team") ?? "" };
  }

  /** The query of the desk's address that asks for this. */
  queryOf({ view, q, category, team }) {
    const plain = view === (q ? ALL : VIEWS[0]);
    const query = new URLSearchParams(Object.entries({ view: plain ? "" : view.name, q, category, team }).filter(([, value]) => value));
    return query.size ? `?${query}` : "";
  }

  async loadRows() {
    const { asked } = this, { view, q, category, team } = asked, query = this.queryOf(asked);
    const filter = new URLSearchParams(Object.entries({ ...view.asks, q, category, team }).filter(([, value]) => value));
    const [{ items, more, counts }, { items: teams }] = await Promise.all([list(`/v1/tickets?${filter}`, this.most), get("/v1/teams")]);
    if (this.queryOf(this.asked) !== query) return; // another view was asked for meanwhile
    const rows = items.map((ticket) => ({ ...ticket, href: `/desk/inbox/${ticket.number}${query}` }));
    Object.assign(this, { rows, more, counts, view, teams });
  }

  async loadOne(wanted) {
    const ticket = wanted ? await get(`/v1/tickets/${wanted}`) : null;
    const found = ticket?.looked_into ? await get(`/v1/verifications/${ticket.looked_into.verification_id}`) : null;
    if (wanted !== this.params[0]) return;
    if (ticket) drafts.read(wanted, ticket.drafts);
    this.viewing.look(ticket?.number ?? null);
    if (wanted !== this.ticket?.number) Object.assign(this, { note: this.isNote(wanted), form: null });
    Object.assign(this, { ticket, found, ...(notesOnly(ticket) && { note: true }) });
  }

  get path() {
    return `/v1/tickets/${this.ticket.number}`;
  }

  get over() {
    return ["resolved", "closed", "spam", "merged", "quarantined"].includes(this.ticket?.status);
  }

  /** Whether the complaint, if it is one, has to be decided before the conversation ends. */
  get undecided() {
    return this.ticket?.category === "complaint" && this.ticket.complaint?.status !== "decided";
  }

  /** What comes next for the complaint: {label, run}; null where others have it, or it is decided. */
  get mattersNext() {
    const complaint = this.ticket?.complaint, step = nextComplaintStep(complaint);
    if (step) return { label: step.label, run: () => this.show(step.form) };
    const agrees = complaint?.status === "proposed" && person(complaint.proposal?.by) !== session.email;
    return agrees ? { label: t("agree to the decision"), run: () => this.agree() } : null;
  }

  agree() {
    return this.step("complaint", { step: "agreed" }, t("The decision is in force as soon as a refund, if any, is on its way."));
  }

  keys() {
    const none = !this.ticket, status = this.ticket?.status;
    return [
      { key: "a", label: tc("verb", "answer"), run: () => this.write(false), hidden: none || notesOnly(this.ticket) },
      { key: "b", label: t("based on"), run: () => chooseBasis(this), hidden: none || this.note },
      { key: "n", label: t("note for staff"), run: () => this.write(true), hidden: none },
      { key: "t", label: t("take"), run: () => this.take(), hidden: none || this.over || own(this.ticket) },
      { key: "v", label: nextStep(this.found).label, run: () => this.show(nextStep(this.found).form), hidden: none || this.over },
      { key: "m", label: this.mattersNext?.label ?? "", run: () => this.mattersNext.run(), hidden: none || this.over || !this.mattersNext },
      { key: "e", label: t("end"), run: () => this.show("end"), hidden: none || this.over || this.found || this.undecided },
      { key: "u", label: t("take up again"), run: () => this.show("reopen"), hidden: !["resolved", "closed"].includes(status) },
      { key: "c", label: t("close"), run: () => this.close(), hidden: status !== "resolved" || !session.may("lead") },
      ...quarantineKeys(this), ...this.chosen.keys(), ...this.stepping(),
      { key: "/", label: t("search"), run: () => this.focusOn("#q") },
      ...this.tabs().slice(0, 9).map((view, place) => ({ key: String(place + 1), quiet: true, run: () => this.look({ ...this.asked, view }) })),
      { key: "o", label: t("its order"), run: () => go(`/desk/orders/${this.ticket.order_number}`), hidden: !this.ticket?.order_number },
    ];
  }

  /** Whether the composer opens for a note: one was begun, and no answer. */
  isNote(number) {
    return Boolean(drafts.of(number, "note")) && !drafts.of(number, "answer");
  }

  write(note) {
    this.note = note;
    this.focusOn("#answer");
  }

  async show(form) {
    Object.assign(this, { form, code: "answered", others: form === "merge" ? await othersOf(this.ticket).catch(() => []) : [] });
    this.focusOn(NEEDS[form]);
  }

  take() {
    return this.act(() => send("POST", `${this.path}/assignment`, { assignee: session.email }, { version: this.ticket.version }), t("It is yours."));
  }

  async sendDraft(event) {
    event.preventDefault();
    const { number } = this.ticket, note = this.note, version = note ? this.ticket.version : begun.seen(this.ticket);
    const field = this.querySelector("#answer"), body = field.value.trim();
    if (!body) return field.focus();
    const turn = !note && this.querySelector("#asks")?.checked ? { status: "waiting_customer" } : {};
    const { path } = this, { files } = this.filesToSend(number, note), reply = note ? null : this.querySelector("desk-reply-picker").chosen;
    const basis = note ? {} : { basis: this.querySelector("form.composer desk-basis").cited, ...(reply ? { reply_id: reply.id } : {}) };
    const done = await this.act(async () => {
      const attachments = await files.ids(), draft = await drafts.settle(number, kindOf(note));
      await send("POST", `${path}/messages`, { body, draft, ...basis, ...(attachments.length ? { attachments } : {}), ...(note ? { internal: true } : turn) }, { version });
      drafts.sent(number, kindOf(note)); // before the conversation is read again, which may have none of it
    }, note ? t("The note is kept.") : t("The answer is sent."));
    if (!note) begun.end(number);
    if (!done) return this.showArrived();
    files.clear();
    this.viewing.rests();
    if (!note) [letGo, letReplyGo].forEach((forget) => forget(number));
    event.target.reset(); // the tick too: it was for this answer
    if (this.ticket?.number === number) this.note = notesOnly(this.ticket);
    this.requestUpdate();
    if (this.querySelector("#answer") === document.activeElement) document.activeElement.blur(); // the next key is a command
  }

  /** An answer was refused, since others wrote meanwhile: show what; sent again, it goes out. */
  showArrived() {
    const words = arrivedIn(this.problem);
    if (!words.length) return;
    this.problem.changes = words;
    if (this.ticket) begun.from(this.ticket);
    this.requestUpdate();
    this.performUpdate();
    this.querySelector("[role=alert]")?.scrollIntoView({ block: "nearest" });
  }

  /** Post a step of the conversation and put its form away. */
  async step(name, body, said) {
    await this.finish("form", () => send("POST", `${this.path}/${name}`, body, { version: this.ticket.version }), said);
  }

  submit(event) {
    event.preventDefault();
    if (this.form in FIELDS) return this.lookInto(event.target);
    if (this.form in TRIAGE_FIELDS) return takeTriageStep(this, event.target);
    if (this.form in COMPLAINT_FIELDS) return this.step("complaint", complaintStep(this.form, givenIn(event.target)), t("The complaint is a step further."));
    const { code, note, ground, reason, message, category, priority, team } = givenIn(event.target);
    if (this.form === "end") return this.step("resolution", { code, ...(note ? { note } : {}), ...(ground ? { ground } : {}) }, t("It is resolved."));
    if (this.form === "reopen") return this.step("reopening", message ? { message } : {}, t("It is open again."));
    if (this.form === "spam") return this.step("spam", { reason }, t("It is among the spam."));
    if (this.form === "restore") return this.step("restoration", { reason }, t("It is back in the inbox."));
    return this.amend({ category, priority, ...(team && team !== this.ticket.team ? { team } : {}) });
  }

  /** Send a step of what is looked into: the question, the draft, or what a second person decides. */
  async lookInto(form) {
    const { ticket } = this, [method, path, body, version, said] = request(this.form, ticket, this.found, draftIn(form));
    if (!(await this.act(() => send(method, path, body, { version }), said))) return;
    sent(ticket);
    this.form = null;
  }

  async amend(wish) {
    await this.finish("form", () => send("PATCH", this.path, wish, { version: this.ticket.version }), t("It is corrected."));
  }

  close() {
    return this.step("closing", {}, t("It is closed."));
  }

  /** The views that there are now: all of them is one where something is looked for. */
  tabs() {
    return this.asked.q ? [...VIEWS, ALL] : VIEWS;
  }

  look(asked) {
    this.putAway();
    this.params = [];
    history.replaceState(null, "", `/desk/inbox${this.queryOf(asked)}`);
    return this.reload();
  }

  find(event) {
    event.preventDefault();
    const given = new FormData(event.target), q = given.get("q").trim(), category = given.get("category"), team = given.get("team") ?? "";
    this.querySelector("#q").blur();
    return this.look({ view: q && q !== this.asked.q ? ALL : !q && this.view === ALL ? VIEWS[0] : this.view, q, category, team });
  }

  typed(event) {
    drafts.typed(this.ticket.number, kindOf(this.note), event.target.value);
    if (!this.note) begun.from(this.ticket);
    this.viewing.wrote();
  }

  draw() {
    const { q } = this.asked;
    return html`${this.drawViews()}${this.chosen.draw()}<div class="split inbox"><aside class="box" aria-label=${t("Conversations")}><h2>${this.view.title}</h2>
        ${this.rows.length === 0 ? html`<p class="in soft">${q ? html`${t("Nothing is found for “{q}”.", { q })} ${BEGINNINGS}` : t("Nothing here.")}</p>` : html`<ul class="picks">${this.long.draw("conversations", this.rows, keyOf, (row) => html`<li>${this.chosen.drawBox(row)}<a href=${row.href} aria-current=${row.number === this.ticket?.number ? "true" : nothing}>
          <span class="t whole">${row.subject}</span><span class="d">${row.customer?.name ?? ""}<br>${row.assignee ? person(row.assignee) : t("nobody")}${row.drafted || drafts.any(row.number) ? html` · <b>${t("draft")}</b>` : nothing}</span>${pressing(row, true)}${promise({ due_at: row.next_due_at, started_at: row.opened_at })}</a></li>`, "li")}</ul>`}${this.drawMore(this.more)}</aside>
      ${this.ticket ? this.drawTicket(this.ticket) : this.drawNone(t("Inbox"), t("No conversation is open."))}</div>`;
  }

  drawViews() {
    const { asked } = this, { q, category, team } = asked;
    const count = ({ counted }) => (counted && this.counts ? html` <span class="n">${this.counts[counted]}${this.counts[counted] >= MOST ? "+" : ""}</span>` : nothing);
    return html`<div class="head inbox-head"><nav class="tabs" aria-label=${t("Views")}>${this.tabs().map((view, place) => html`<a href="/desk/inbox${this.queryOf({ ...asked, view })}" aria-current=${view === this.view ? "page" : nothing} @click=${(event) => this.choosesView(event, view)}><kbd aria-hidden="true">${place < 9 ? place + 1 : ""}</kbd>${view.title}${count(view)}</a>`)}</nav>
      <form class="acts" role="search" @submit=${this.find}><label class="vh" for="category-wanted">${t("Category")}</label><select id="category-wanted" name="category" @change=${(event) => event.target.form.requestSubmit()}><option value="">${t("All categories")}</option>${CATEGORIES.map((each) => html`<option value=${each} ?selected=${each === category}>${capital(words(each))}</option>`)}</select>
        ${this.teams.length > 1 ? html`<label class="vh" for="team-wanted">${t("Team")}</label><select id="team-wanted" name="team" @change=${(event) => event.target.form.requestSubmit()}><option value="">${t("All teams")}</option>${this.teams.map((each) => html`<option value=${each.name} ?selected=${each.name === team}>${t("{name} ({ours}, nobody's: {unassigned})", { name: each.name, ours: each.ours, unassigned: each.unassigned })}</option>`)}</select>` : nothing}
        <label class="vh" for="q">${t("Name, mail, number, SKU or words, or how they begin")}</label><input id="q" name="q" type="search" minlength="2" maxlength="100" placeholder=${t("Name, mail, number, SKU, words")} .value=${q}><button class="btn">${t("Look")}</button></form></div>`;
  }

  /** Show a view in this tab; a click that wants a new one is the browser's. */
  choosesView(event, view) {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    this.look({ ...this.asked, view });
  }

  drawTicket(ticket) {
    const running = ticket.commitments.filter(({ status }) => status === "running" || status === "paused");
    return html`<section class="stack" aria-label=${t("Conversation {number}", { number: ticket.number })}>
      <div class="head"><h1>${ticket.subject} <small><span class="mono">${ticket.number}</span> · ${words(ticket.category)}${ticket.topic ? `, ${words(ticket.topic)}` : ""}</small></h1>${pressing(ticket)}${tag(words(ticket.status), ticket.status === "resolved" ? "kept" : "")}
        ${button({ key: "t", label: t("Take"), run: () => this.take(), hidden: this.over || own(ticket) })}</div>
      <div class="two"><div class="stack">
        ${drawQuarantine(ticket, this)}<h2 class="vh">${t("Messages")}</h2>
        <ol class="thread stack">${repeat(ticket.messages, ({ position }) => position, (message) => this.drawMessage(message))}</ol>
        ${ticket.resolution ? html`<p class="note">${capital(words(ticket.resolution.code))}${ticket.resolution.note ? html`: ${ticket.resolution.note}` : nothing} <span class="d">${at(ticket.resolution.resolved_at)}${ticket.resolution.closed_at ? html`, ${parts("closed {at}", { at: at(ticket.resolution.closed_at) })}` : nothing}</span></p>` : nothing}
        ${this.found ? drawLookedInto(this.found, ticket.looked_into, (form) => this.show(form), this.busy) : nothing}
        ${ticket.complaint ? drawComplaint(ticket.complaint, (form) => this.show(form), () => this.agree(), this.busy, this.over) : nothing}
        ${ticket.escalated_at ? html`<p class="note risk">${t("The customer is not content and asked for a lead.")} ${session.may("lead") ? t("Your answer is the one that they wait for.") : t("Only a lead's answer ends that: help with a note.")}</p>` : nothing}
        ${drawMergedNote(ticket)}${this.viewing.draw()}
        ${this.drawComposer(ticket)}
        ${this.form in COMPLAINT_FIELDS ? drawComplaintForm(this.form, ticket.complaint, (event) => this.submit(event), () => (this.form = null), this.busy) : this.form in FIELDS ? drawLookedIntoForm(this.form, ticket, this.found, (event) => this.submit(event), () => (this.form = null), this.busy) : this.form in TRIAGE_FIELDS ? drawTriageForm(this.form, ticket, this.others, (event) => this.submit(event), () => (this.form = null), this.busy) : this.form ? this.drawForm(ticket) : this.drawSteps(ticket)}
      </div><aside class="stack" aria-label=${t("About this conversation")}>
        <section class="box"><h2>${t("Promises")}</h2>${running.length ? html`<ul class="in clocks">${running.map((clock) => html`<li><span>${capital(words(clock.kind))}</span>${promise(clock)}</li>`)}</ul>` : html`<p class="in soft">${t("None runs.")}</p>`}</section>
        ${ticket.ladder?.length ? html`<section class="box"><h2>${t("Told in time")}</h2><ul class="in stack ladder">${ticket.ladder.map(({ kind, share, told, told_at }) => html`<li>${t("{kind}, {share} % of its time", { kind: capital(words(kind)), share })} <span class="d">${told.map(person).join(", ")} ${at(told_at)}</span></li>`)}</ul></section>` : nothing}
        ${drawBelonging(ticket, this)}<section class="box"><h2>${t("Customer")}</h2><div class="in">${facts([t("Name"), ticket.customer?.name], [t("Mail"), ticket.customer?.email], [t("Mailbox"), ticket.mailbox_unreachable ? parts("our mails come back since {at}", { at: at(ticket.mailbox_unreachable) }) : ticket.mailbox_proven ? t("proven") : t("not proven")], [t("Owner"), ticket.assignee ? person(ticket.assignee) : t("nobody")], [t("Team"), this.teams.length > 1 ? ticket.team : null], [t("Order"), ticket.order_number && html`<a class="mono" href="/desk/orders/${ticket.order_number}">${ticket.order_number}</a>`], [t("Order is theirs"), ticket.order_link && (ticket.order_link === "verified" ? t("verified") : t("only claimed"))], [t("Product"), ticket.sku && html`<a class="mono" href="/desk/stock/${encodeURIComponent(ticket.sku)}">${ticket.sku}</a>`], [t("Asked for a lead"), ticket.escalation.asked_at && html`${at(ticket.escalation.asked_at)}${ticket.escalation.answered_at ? html`, ${parts("answered {at}", { at: at(ticket.escalation.answered_at) })}` : nothing}`], [t("Continues"), ticket.previous_number && html`<a class="mono" href="/desk/inbox/${ticket.previous_number}">${ticket.previous_number}</a>`], [t("Goes on in"), ticket.next_number && html`<a class="mono" href="/desk/inbox/${ticket.next_number}">${ticket.next_number}</a>`], [t("Rating"), ticket.rating && (ticket.rating.comment ? t("{score} of 5: {comment}", { score: ticket.rating.score, comment: ticket.rating.comment }) : t("{score} of 5", { score: ticket.rating.score }))])}</div></section>
        <desk-beside class="stack" .ticket=${ticket} .page=${this} .busy=${this.busy}></desk-beside>
      </aside></div></section>`;
  }

  drawMessage(message) {
    const who = message.internal ? t("Note for staff") : message.author === "customer" ? t("Customer") : message.author === "system" ? t("Automatic") : t("We");
    return html`<li class="box message ${message.internal ? "is-note" : message.author}"><h3>${who}${message.verified ? html` ${tag(t("checked by {verified_by}", { verified_by: person(message.verified_by) }), "kept")}` : nothing} <span class="d">${words(person(message.actor))} ${at(message.posted_at)}</span></h3><p>${message.body}</p>${this.filesOf(message)}${drawBasis(message.basis)}</li>`;
  }

  /** The files of a message: made once, as a picture is fetched. */
  filesOf({ position, attachments }) {
    if (!attachments) return nothing;
    const name = `${this.ticket.number} ${position}`;
    if (!this.filesShown.has(name)) this.filesShown.set(name, showFiles(attachments, () => session.token));
    return this.filesShown.get(name);
  }

  /** The files of the composer of one conversation and kind: what is added to a note is never sent with an answer. */
  filesToSend(number, note) {
    const name = `${number} ${note}`;
    if (!this.composed.has(name)) {
      const field = filesField("files");
      this.composed.set(name, { field, files: takesFiles(field, { token: () => session.token, staff: true, pasteIn: null }) });
    }
    return this.composed.get(name);
  }

  dropped(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (event.type === "drop") this.filesToSend(this.ticket.number, this.note).files.add([...event.dataTransfer.files]);
  }

  pasted(event) {
    const files = pastedFiles(event);
    if (!files.length) return;
    event.preventDefault();
    this.filesToSend(this.ticket.number, this.note).files.add(files);
  }

  /** The field of one conversation and kind is never the field of another: what is typed into it stays apart. */
  drawComposer(ticket) {
    return keyed(`${ticket.number} ${this.note}`, html`<form class="box in composer ${this.note ? "is-note" : ""}" @submit=${this.sendDraft} @paste=${this.pasted} @dragover=${this.dropped} @drop=${this.dropped}>
      <label for="answer">${this.note ? t("Note for staff: the customer does not see it") : this.found ? t("News for the customer, until the complete answer") : t("Answer to the customer")}</label>
      <textarea id="answer" rows="5" maxlength="10000" .value=${drafts.of(ticket.number, kindOf(this.note))} @input=${this.typed} @keydown=${(event) => this.note || opensReplies(event, this)}></textarea>
      ${drawDraft(ticket.number, kindOf(this.note), (takeTheirs) => this.decide(takeTheirs))}
      ${this.filesToSend(ticket.number, this.note).field}
      ${this.note ? nothing : html`<desk-reply-picker .ticket=${ticket} .field=${() => this.querySelector("#answer")}></desk-reply-picker><desk-basis .ticket=${ticket}></desk-basis>`}
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${this.note ? t("Keep the note") : t("Send")}<kbd aria-hidden="true">${t("Ctrl ↵")}</kbd></button>
        ${notesOnly(ticket) ? nothing : html`<button type="button" class="btn" @click=${() => this.write(!this.note)}>${this.note ? t("Answer instead") : t("Note instead")}</button>`}
        ${this.note || this.over ? nothing : html`<label class="choice"><input type="checkbox" id="asks"> ${t("It is the customer's turn then")}</label>`}</div></form>`);
  }

  /** Decide between the words here and those that were written elsewhere. */
  decide(takeTheirs) {
    drafts.decide(this.ticket.number, kindOf(this.note), takeTheirs);
    this.focusOn("#answer");
  }

  /** The steps that are allowed now; what needs another role is said. */
  drawSteps(ticket) {
    const { status } = ticket;
    return html`<div class="acts">
      ${button({ key: "v", label: t("Look into it"), run: () => this.show("verify"), hidden: this.over || this.found })}
      ${button({ key: "e", label: t("End the conversation"), run: () => this.show("end"), hidden: this.over || this.found || this.undecided })}
      ${button({ key: "u", label: t("Take up again"), run: () => this.show("reopen"), hidden: !["resolved", "closed"].includes(status) })}
      ${button({ key: "c", label: t("Close"), run: () => this.close(), hidden: status !== "resolved" || !session.may("lead") })}
      ${button({ label: t("Correct what it is about"), run: () => this.show("amend"), hidden: this.over })}
      ${triageSteps(ticket).map(({ form, label }) => button({ label, run: () => this.show(form) }))}${button({ label: t("It is spam"), run: () => this.show("spam"), hidden: this.over })}
      ${button({ label: t("It is no spam"), go: true, run: () => this.show("restore"), hidden: status !== "spam" })}</div>
      ${this.found && !this.over ? html`<p class="soft xs">${t("It cannot be ended while it is looked into: the answer that a second person approves ends that.")}</p>` : nothing}
      ${this.undecided && !this.over ? html`<p class="soft xs">${t("A complaint ends with its decision.")}</p>` : nothing}
      ${status === "resolved" && !session.may("lead") ? html`<p class="soft xs">${t("The customer closes it, or a lead.")}</p>` : nothing}`;
  }

  drawForm(ticket) {
    const titles = { end: t("End the conversation"), reopen: t("Take it up again"), spam: t("It is spam"), restore: t("It is no spam"), amend: t("Correct what it is about") };
    const does = { end: t("Resolve"), reopen: t("Take up again"), spam: t("Put it among the spam"), restore: t("Put it back"), amend: t("Correct") };
    return html`<form class="box in stack" @submit=${this.submit}><h2>${titles[this.form]}</h2>${this.drawFields(ticket)}
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${does[this.form]}</button><button type="button" class="btn" @click=${() => (this.form = null)}>${t("Back")}</button></div></form>`;
  }

  drawFields(ticket) {
    if (this.form === "end") return drawEnding(this.code, (code) => (this.code = code));
    if (this.form === "reopen") return html`<label for="again">${t("Words for the customer, if any")}</label><textarea id="again" name="message" rows="2" maxlength="10000"></textarea>`;
    if (this.form === "amend")
      return html`<div class="field"><label for="category">${t("Category")}</label><select id="category" name="category">${CATEGORIES.map((each) => html`<option value=${each} ?selected=${each === ticket.category}>${words(each)}</option>`)}</select></div>
        <div class="field"><label for="priority">${t("Priority")}</label><select id="priority" name="priority">${PRIORITIES.map((each) => html`<option value=${each} ?selected=${each === ticket.priority}>${words(each)}</option>`)}</select></div>
        ${this.teams.length > 1 ? html`<div class="field"><label for="team">${t("Team")}</label><select id="team" name="team">${this.teams.map(({ name }) => html`<option ?selected=${name === ticket.team}>${name}</option>`)}</select></div>` : nothing}
        <p class="soft xs">${t("High and urgent shorten the time to an answer. The customer is told if the answer comes later than we said.")}</p>`;
    return html`<div class="field"><label for="reason">${t("Why")}</label><input id="reason" name="reason" required maxlength="200"></div>`;
  }
}

customElements.define("desk-inbox", Inbox);
