// Several conversations at once: chosen in the list and answered, assigned, corrected, ended or put away in one step;
// merged and taken apart, split, related.
// What is chosen is kept by number with the version that was seen; one that has moved on is refused and stays chosen.

import { at, button, html, nothing, parts, t, tag, tn } from "./parts.js";
import { get, list, send, session } from "./session.js";
import { capital, person, words } from "./words.js";

const MOST = 50; // the API takes no more at once
const STEPS = { assign: t("Give them to somebody"), answer: t("Answer them"), amend: t("Correct what they are about"), resolve: t("End them"), spam: t("Put them among the spam"), restore: t("They are no spam") };
export const CATEGORIES = ["product", "order", "logistics", "aftersales", "suggestion", "complaint"];
export const PRIORITIES = ["low", "normal", "high", "urgent"];

const CODES = { answered: t("Answered"), solved: t("Solved"), declined: t("Declined, with the reason"), duplicate: t("The same as another") };
const GROUNDS = ["not_offered", "not_possible", "as_promised", "not_shown", "too_late", "law", "other"];

/** The forms of one conversation, and where the focus goes in each. */
export const TRIAGE_FIELDS = { merge: "#into", unmerge: "#reason", split: "input[name=positions]", relate: "#other" };
const TITLES = { merge: t("Put it together with another one"), unmerge: t("Take them apart again"), split: t("Make one of its own of messages"), relate: t("It has to do with another one") };
const DOES = { merge: t("Put together"), unmerge: t("Take apart"), split: t("Split"), relate: t("Relate") };
const OVER = ["spam", "merged", "quarantined"];

/** Whether staff may only write notes: an answer would be refused. */
export const notesOnly = (ticket) => OVER.includes(ticket?.status);

/** What is chosen in the list of a page, and what came of the last step for all of it. */
export class Chosen {
  constructor(page) {
    Object.assign(this, { page, seen: new Map(), last: null, step: "assign", code: "answered", outcomes: [] });
  }

  has = ({ number }) => this.seen.has(number);

  /** Choose a row, or let it go; with `through`, all rows from the one that was chosen last. */
  toggle(row, through = false) {
    if (!row) return;
    const { rows } = this.page, from = rows.findIndex(({ number }) => number === this.last), to = rows.findIndex(({ number }) => number === row.number);
    const meant = through && from >= 0 ? rows.slice(Math.min(from, to), Math.max(from, to) + 1) : [row];
    const on = through || !this.has(row);
    for (const each of meant) on ? this.seen.set(each.number, each.version) : this.seen.delete(each.number);
    this.last = row.number;
    this.page.requestUpdate();
  }

  clear() {
    Object.assign(this, { seen: new Map(), last: null, outcomes: [] });
    this.page.requestUpdate();
  }

  keys() {
    const none = !this.page.row;
    return [
      { key: "x", label: t("choose"), run: () => this.toggle(this.page.row), hidden: none },
      { key: "Shift+X", label: t("choose up to here"), run: () => this.toggle(this.page.row, true), hidden: none || !this.seen.size },
      { key: "y", label: t("do with the chosen"), run: () => this.page.focusOn("#bulk-step"), hidden: !this.seen.size },
    ];
  }

  async submit(event) {
    event.preventDefault();
    const form = event.target, { step } = this;
    const given = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value));
    const items = [...this.seen].slice(0, MOST).map(([number, version]) => ({ number, version }));
    let found = null;
    const done = await this.page.act(async () => (found = await send("POST", "/v1/tickets/batch", { ...given, step, items })));
    if (!done) return;
    this.outcomes = found.items.filter(({ status }) => status !== 200);
    const refused = new Set(this.outcomes.map(({ number }) => number));
    this.seen = new Map([...this.seen].filter(([number]) => refused.has(number)).map(([number]) => [number, this.page.rows.find((row) => row.number === number)?.version ?? null]));
    this.page.said = t("Done for {done} of {all}.", { done: found.done, all: items.length });
    form.reset();
    this.code = "answered";
    this.page.requestUpdate();
  }

  drawBox(row) {
    return html`<label class="pick"><input type="checkbox" .checked=${this.has(row)} @click=${(event) => this.toggle(row, event.shiftKey)}><span class="vh">${t("Choose {subject}", { subject: row.subject })}</span></label>`;
  }

  draw() {
    const { size } = this.seen;
    if (!size && !this.outcomes.length) return nothing;
    return html`<form class="box in stack bulk" aria-label=${t("With the chosen")} @submit=${(event) => this.submit(event)}>
      <div class="acts"><b role="status">${tn("{n} conversation chosen", "{n} conversations chosen", size)}</b>${size > MOST ? html`<span class="soft">${t("The first {most} are done now.", { most: MOST })}</span>` : nothing}
        <label class="vh" for="bulk-step">${t("What to do with them")}</label><select id="bulk-step" @change=${(event) => { this.step = event.target.value; this.page.requestUpdate(); }}>${Object.entries(STEPS).map(([step, title]) => html`<option value=${step} ?selected=${step === this.step}>${title}</option>`)}</select></div>
      ${this.drawFields()}
      <div class="acts"><button class="btn go" ?disabled=${this.page.busy || !size}>${t("Do it")}</button><button type="button" class="btn" @click=${() => this.clear()}>${t("Choose none")}</button></div>
      ${this.outcomes.length ? html`<ul class="stack" aria-label=${t("What was refused")}>${this.outcomes.map(({ number, detail }) => html`<li>${tag(t("not done"), "late")} <a class="mono" href="/desk/inbox/${number}">${number}</a> ${detail}</li>`)}</ul>` : nothing}</form>`;
  }

  drawFields() {
    const select = (id, label, options) => html`<div class="field"><label for="bulk-${id}">${label}</label><select id="bulk-${id}" name=${id}><option value="">${t("As it is")}</option>${options.map((each) => html`<option value=${each}>${capital(words(each))}</option>`)}</select></div>`;
    switch (this.step) {
      case "assign": return html`<div class="field"><label for="bulk-assignee">${t("Whose they are (mail); empty: back to the team")}</label><input id="bulk-assignee" name="assignee" type="email" .defaultValue=${session.email}></div>`;
      case "answer": return html`<label for="bulk-body">${t("Answer to each customer; {customer.name} and {ticket.number} are filled in")}</label><textarea id="bulk-body" name="body" rows="3" required minlength="20" maxlength="10000"></textarea>`;
      case "amend": return html`${select("category", t("Category"), CATEGORIES)}${select("priority", t("Priority"), PRIORITIES)}`;
      case "resolve": return drawEnding(this.code, (code) => { this.code = code; this.page.requestUpdate(); }, true);
      default: return html`<div class="field"><label for="bulk-reason">${t("Why")}</label><input id="bulk-reason" name="reason" required maxlength="200"></div>`;
    }
  }
}

/** The fields that end one conversation, or `many`. `code`: the one that is chosen; `choose`: takes another one. */
export function drawEnding(code, choose, many = false) {
  const declines = code === "declined", lead = session.may("lead"), id = many ? "bulk-" : "";
  const codes = Object.entries(CODES).filter(([each]) => each !== "declined" || lead);
  return html`<fieldset @change=${(event) => choose(event.target.value)}><legend>${t("How it ended")}</legend>${codes.map(([each, label]) => html`<label class="choice"><input type="radio" name="code" value=${each} .checked=${each === code}> ${label}</label>`)}</fieldset>
    ${lead ? nothing : html`<p class="soft xs">${t("To decline a demand is for a lead: write the reason as a note, and give it to one.")}</p>`}
    ${declines ? html`<div class="field"><label for="${id}ground">${t("Ground, for the customer too")}</label><select id="${id}ground" name="ground" required><option value=""></option>${GROUNDS.map((each) => html`<option value=${each}>${capital(words(each))}</option>`)}</select></div>` : nothing}
    <label for="${id}note">${declines ? t("The reason, for the customer") : t("Words for the customer, if any")}</label><textarea id="${id}note" name="note" rows="2" maxlength="2000" ?required=${declines}></textarea>`;
}

export function triageSteps(ticket) {
  const over = OVER.includes(ticket.status), theirs = ticket.messages.filter(({ author }) => author === "customer");
  return [
    { form: "merge", label: t("Put it together with another one"), hidden: over || ["complaint", "suggestion"].includes(ticket.category) },
    { form: "split", label: t("Split it"), hidden: over || theirs.length < 2 },
    { form: "relate", label: t("It has to do with another one") },
    { form: "unmerge", label: t("Take them apart again"), hidden: ticket.status !== "merged" },
  ].filter(({ hidden }) => !hidden);
}

/** Read which open conversations the customer has besides this one. */
export async function othersOf(ticket) {
  const { items } = await list(`/v1/tickets?${new URLSearchParams({ q: ticket.customer.email })}`, 100);
  return items.filter(({ number, status, customer }) => number !== ticket.number && customer?.email === ticket.customer.email && !["resolved", "closed", ...OVER].includes(status));
}

/** The form of one step; `others`: the customer's open conversations, where they were read. */
export function drawTriageForm(form, ticket, others, submit, back, busy) {
  return html`<form class="box in stack" @submit=${submit}><h2>${TITLES[form]}</h2>${drawFields(form, ticket, others)}
    <div class="acts"><button class="btn go" ?disabled=${busy}>${DOES[form]}</button><button type="button" class="btn" @click=${back}>${t("Back")}</button></div></form>`;
}

function drawFields(form, ticket, others) {
  const reason = (of) => html`<div class="field"><label for="reason">${t("Why, for colleagues")}</label><input id="reason" name="reason" required maxlength="200" placeholder=${of}></div>`;
  if (form === "merge")
    return html`<div class="field"><label for="into">${t("The number of the one in which it goes on")}</label><input id="into" name="into" list="others" required autocomplete="off" placeholder="TIC-…"></div>
      <datalist id="others">${others.map(({ number, subject }) => html`<option value=${number}>${subject}</option>`)}</datalist>
      ${others.length ? html`<ul class="xs" aria-label=${t("Open conversations of the same customer")}>${others.map(({ number, subject }) => html`<li><button type="button" class="btn mono" @click=${(event) => (event.target.form.elements.into.value = number)}>${number}</button> ${subject}</li>`)}</ul>` : html`<p class="soft xs">${t("The customer has no other open conversation.")}</p>`}
      ${reason(t("the same question twice"))}<p class="soft xs">${t("The customer is told. What we promised here goes on there. It can be taken apart again.")}</p>`;
  if (form === "unmerge") return html`${reason(t("it is about another parcel"))}<p class="soft xs">${t("It goes on as it was, with its promises. What was written meanwhile stays in {next_number}.", { next_number: ticket.next_number })}</p>`;
  if (form === "relate") return html`<div class="field"><label for="other">${t("The number of the other one")}</label><input id="other" name="other" required autocomplete="off" placeholder="TIC-…"></div><p class="soft xs">${t("Only staff see it.")}</p>`;
  const theirs = ticket.messages.filter(({ author }) => author === "customer");
  return html`<fieldset><legend>${t("Which messages")}</legend>${theirs.map(({ position, body, posted_at }) => html`<label class="choice"><input type="checkbox" name="positions" value=${position}> <span>${body.slice(0, 160)} <span class="d">${at(posted_at)}</span></span></label>`)}</fieldset>
    <div class="field"><label for="subject">${t("What it is about")}</label><input id="subject" name="subject" required maxlength="200"></div>
    <div class="field"><label for="split-category">${t("Category")}</label><select id="split-category" name="category">${CATEGORIES.map((each) => html`<option value=${each} ?selected=${each === ticket.category}>${capital(words(each))}</option>`)}</select></div>
    <p class="soft xs">${t("The customer is told. What is not answered is promised from the time when it was asked.")}</p>`;
}

/** Take the step of the form that is open, and put the form away. */
export async function takeTriageStep(page, fields) {
  const { form, ticket } = page;
  const given = new FormData(fields), text = (name) => given.get(name)?.trim(), path = `/v1/tickets/${ticket.number}`, { version } = ticket;
  const body = {
    merge: () => ({ into: text("into"), reason: text("reason") }),
    unmerge: () => ({ reason: text("reason") }),
    relate: () => ({ other: text("other") }),
    split: () => ({ positions: given.getAll("positions").map(Number), subject: text("subject"), category: text("category") }),
  }[form]();
  const said = { merge: t("It goes on in {into}.", { into: body.into }), unmerge: t("It goes on by itself again."), relate: t("They are related."), split: t("It has a conversation of its own.") }[form];
  if (await page.act(() => send("POST", `${path}/${form === "relate" ? "related" : form}`, body, { version }), said)) page.form = null;
}

/** What belongs to a conversation: where it goes on, what goes on in it, what it has to do with. */
export function drawBelonging(ticket, page) {
  const link = ({ number, subject, status }) => html`<a class="mono" href="/desk/inbox/${number}">${number}</a> ${subject} <span class="d">${words(status)}</span>`;
  const drop = (number) => page.act(() => send("DELETE", `/v1/tickets/${ticket.number}/related/${number}`), t("They are not related any more."));
  const { merged = [], related = [] } = ticket;
  if (!merged.length && !related.length) return nothing;
  return html`<section class="box"><h2>${t("Belongs together")}</h2><ul class="in stack">
    ${merged.map((each) => html`<li>${link(each)} <details @toggle=${(event) => readMerged(event, page)} data-number=${each.number}><summary>${t("What was said there")}</summary>${(page.mergedThreads?.get(each.number) ?? []).map(({ author, body, posted_at, internal }) => html`<p><b>${internal ? t("Note") : author === "customer" ? t("Customer") : author === "system" ? t("Automatic") : t("We")}</b> <span class="d">${at(posted_at)}</span><br>${body}</p>`)}</details></li>`)}
    ${related.map((each) => html`<li>${link(each)} <button type="button" class="btn" ?disabled=${page.busy} @click=${() => drop(each.number)}>${t("Not related")}<span class="vh"> ${t("to {number}", { number: each.number })}</span></button></li>`)}</ul></section>`;
}

async function readMerged(event, page) {
  const { number } = event.target.dataset;
  page.mergedThreads ??= new Map();
  if (!event.target.open || page.mergedThreads.has(number)) return;
  page.mergedThreads.set(number, (await get(`/v1/tickets/${number}`)).messages);
  page.requestUpdate();
}

const SUSPICIONS = {
  trap: t("a field that people do not see was filled in"), too_fast: t("it was sent sooner than anybody types"), too_old: t("its form was a day old"),
  forged: t("it did not come from our form"), no_form: t("it did not come from a form"),
};

/** The key that lets a conversation through that was set aside: no more is asked. */
export const quarantineKeys = (page) => [{ key: "l", label: t("let it through"), run: () => letThrough(page), hidden: page.ticket?.status !== "quarantined" }];

const letThrough = (page) => page.step("restoration", { reason: "A person wrote it." }, t("It is in the inbox; its time counts from when it was written, and the customer is told."));

/** Why a conversation was set aside, and what can be done about it. */
export function drawQuarantine(ticket, page) {
  if (!ticket.quarantine) return nothing;
  const why = html`${ticket.quarantine.reasons.map((each) => SUSPICIONS[each] ?? words(each)).join("; ")} <span class="d">${at(ticket.quarantine.since)}</span>`;
  if (ticket.status !== "quarantined") return html`<p class="note">${parts("It was set aside at first: {why}", { why })}</p>`;
  return html`<section class="box in stack risk" aria-label=${t("Set aside")}><h2>${t("Set aside: is it from a person?")}</h2><p>${parts("What speaks against it: {why}", { why })}</p>
    <p class="soft xs">${t("No mail was sent. Let it through, and it is an ordinary conversation whose time counts from when it was written.")}${ticket.category === "complaint" && !session.may("lead") ? ` ${t("It calls itself a complaint: only a lead takes one for spam.")}` : ""}</p>
    <div class="acts">${button({ key: "l", label: t("Let it through"), go: true, run: () => letThrough(page) })}${button({ label: t("Keep it as spam"), run: () => page.show("spam"), hidden: ticket.category === "complaint" && !session.may("lead") })}</div></section>`;
}

export const drawMergedNote = (ticket) => (ticket.status === "merged" ? html`<p class="note">${parts("It goes on in {number}; what the customer writes here arrives there.", { number: html`<a class="mono" href="/desk/inbox/${ticket.next_number}">${ticket.next_number}</a>` })} ${ticket.assignee ? t("It was {assignee}'s.", { assignee: person(ticket.assignee) }) : ""}</p>` : nothing);
