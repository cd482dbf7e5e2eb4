// A question that is looked into, beside its conversation: what is known, the draft of the complete answer, and what a
// second person decides about it. The answer goes out when they agree; its author cannot.

import { givenIn } from "./given.js";
import { at, button, facts, html, nothing, t, tag } from "./parts.js";
import { drawBasis, letGo } from "./basis.js";
import { session } from "./session.js";
import { capital, person, words } from "./words.js";

const TITLES = { verify: t("Look into it"), draft: t("The complete answer"), check: t("Check the answer"), back: t("Send the draft back") };
const DOES = { verify: t("Look into it"), draft: t("Have it checked"), check: t("Approve and send"), back: t("Send it back") };

/** The forms of a looked-into question, by the names that the inbox opens them with, and the field to begin at. */
export const FIELDS = { verify: "#question", draft: "#draft", check: "#text", back: "#why" };

export const mine = (found) => person(found.drafted_by) === session.email;
const waits = (found) => found.status === "drafted";

/** What one key does next: {label, form}. */
export function nextStep(found) {
  if (!found) return { label: t("look into it"), form: "verify" };
  return waits(found) && !mine(found) ? { label: t("check the answer"), form: "check" } : { label: t("write the answer"), form: "draft" };
}

/** The request that a form sends: [method, path, body, version, what is said when it is done]. */
export function request(form, ticket, found, given) {
  const { question, known, evidence, draft, text, why } = given, here = found && `/v1/verifications/${found.id}`;
  if (form === "verify") return ["POST", `/v1/tickets/${ticket.number}/verification`, { question, known, ...(evidence ? { evidence } : {}) }, ticket.version, t("The customer has been told.")];
  if (form === "draft") return ["PUT", `${here}/draft`, { draft, basis: given.basis ?? [], ...(known ? { known } : {}) }, found.version, t("It waits for a second person.")];
  if (form === "back") return ["POST", `${here}/decision`, { decision: "send_back", note: why }, found.version, t("The draft is sent back.")];
  return ["POST", `${here}/decision`, { decision: "approve", ...(text === found.draft ? {} : { text }) }, found.version, t("The answer is sent.")];
}

/** The box above the composer. `due`: until when the customer was promised news, and the answer; `show` opens one of the forms. */
export function drawLookedInto(found, due, show, busy) {
  const step = nextStep(found);
  return html`<section class="box" aria-label=${t("What is looked into")}><h2>${t("Looked into")} ${tag(words(found.status), waits(found) ? "risk" : "")}</h2>
    <div class="in stack">${facts([t("Question"), found.question], [t("Known"), found.known], [t("Where to look it up"), found.evidence], [t("Asked"), html`${person(found.asked_by)} ${at(found.asked_at)}`], [t("News due by"), at(due?.news_by)], [t("Complete answer due by"), at(due?.complete_by)])}
      ${found.note ? html`<p class="note risk">${t("Sent back by {decided_by}: {note}", { decided_by: person(found.decided_by), note: found.note })}</p>` : nothing}
      ${found.draft ? html`<div><h3>${t("Draft")} <span class="d">${person(found.drafted_by)} ${at(found.drafted_at)}</span></h3><p class="message">${found.draft}</p>${drawBasis(found.basis)}</div>` : nothing}
      ${waits(found) && mine(found) ? html`<p class="soft xs">${t("You wrote it: another person checks it.")}</p>` : nothing}
      <div class="acts">${button({ key: "v", label: capital(step.label), go: step.form === "check", run: () => show(step.form), disabled: busy })}
        ${button({ label: t("Send it back"), run: () => show("back"), hidden: !waits(found) || mine(found), disabled: busy })}</div></div></section>`;
}

/** What a form has filled in: the texts of its fields, and what the draft rests on. */
export const draftIn = (form) => ({ ...givenIn(form), basis: form.querySelector("desk-basis")?.cited });

/** Forget what a form kept beside its fields: it is sent. */
export const sent = (ticket) => letGo(ticket.number, "draft");

export function drawForm(form, ticket, found, submit, back, busy) {
  return html`<form class="box in stack" @submit=${submit}><h2>${TITLES[form]}</h2>${drawFields(form, ticket, found)}
    <div class="acts"><button class="btn go" ?disabled=${busy}>${DOES[form]}<kbd aria-hidden="true">${t("Ctrl ↵")}</kbd></button><button type="button" class="btn" @click=${back}>${t("Back")}</button></div></form>`;
}

function drawFields(form, ticket, found) {
  if (form === "verify")
    return html`<label for="question">${t("What is looked into, in words for the customer")}</label><textarea id="question" name="question" rows="2" required minlength="20" maxlength="2000"></textarea>
      <label for="known">${t("What is known, for colleagues")}</label><textarea id="known" name="known" rows="2" required maxlength="5000"></textarea>
      <label for="evidence">${t("Where it can be looked up, if anywhere")}</label><input id="evidence" name="evidence" maxlength="5000">
      <p class="soft xs">${t("The customer is told at once what is looked into, and by when the complete answer comes.")}</p>`;
  if (form === "draft")
    return html`<label for="draft">${t("The complete answer, for a second person to check")}</label><textarea id="draft" name="draft" rows="6" required minlength="20" maxlength="10000" .defaultValue=${found?.draft ?? ""}></textarea>
      <desk-basis name="draft" .ticket=${ticket} .begun=${found?.basis}></desk-basis>
      <label for="known">${t("What is known by now")}</label><textarea id="known" name="known" rows="2" maxlength="5000" .defaultValue=${found?.known ?? ""}></textarea>`;
  if (form === "back") return html`<label for="why">${t("What its author is to mend")}</label><textarea id="why" name="why" rows="2" required maxlength="2000"></textarea>`;
  return html`<label for="text">${t("The answer as the customer reads it")}</label><textarea id="text" name="text" rows="6" required minlength="20" maxlength="10000" .defaultValue=${found?.draft ?? ""}></textarea>
    <p class="soft xs">${t("It goes out when you approve it, marked as checked by a second person.")}</p>`;
}
