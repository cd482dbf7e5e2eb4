// A complaint beside its conversation: its steps, what was found, what is decided or waits for a second person.

import { at, button, facts, html, nothing, tag } from "./parts.js";
import { session } from "./session.js";
import { capital, money, person, words } from "./words.js";

const DECISIONS = { upheld: "Upheld", partly: "Partly upheld", not_upheld: "Not upheld" };
const REMEDIES = { apology: "An apology", refund: "A refund", resend: "A parcel that does not arrive: the customer chooses on the page of the order", other: "Something else" };
export const CAUSES = ["late_delivery", "lost_or_damaged_parcel", "wrong_or_missing_goods", "product_fault", "product_information", "order_handling", "payment", "return_handling", "late_answer", "wrong_answer", "conduct", "site", "other"];

/** The forms, by the names that the inbox opens them with, and the field to begin at. */
export const COMPLAINT_FIELDS = { acknowledged: "#said", investigated: "#findings", decided: "input[name=decision]", sent_back: "#back-note", improved: "#changed" };
const TITLES = { acknowledged: "Take the complaint up", investigated: "What was found", decided: "Decide about the complaint", sent_back: "Send the decision back", improved: "What was changed because of it" };
const DOES = { acknowledged: "Tell the customer", investigated: "Keep it", decided: "Decide", sent_back: "Send it back", improved: "Keep it" };
const STEPS = { received: { form: "acknowledged", label: "take it up" }, acknowledged: { form: "investigated", label: "note what was found" }, objected: { form: "investigated", label: "note what was found" }, investigating: { form: "decided", label: "decide" } };

/** What one key does next: {label, form}; null where it waits for others, or is decided. */
export const nextComplaintStep = (complaint) => STEPS[complaint?.status] ?? null;

const mine = ({ proposal }) => person(proposal?.by) === session.email;

/** The request body of a form. */
export function complaintStep(form, given) {
  const filled = Object.fromEntries(Object.entries(given).filter(([, value]) => value));
  const { amount, ...rest } = filled;
  return { step: form, ...rest, ...(rest.remedy === "refund" && amount ? { amount: { amount: Number(amount).toFixed(2), currency: "USD" } } : {}) };
}

function drawDecision(title, found) {
  if (!found) return nothing;
  return html`<div><h3>${title}: ${DECISIONS[found.decision]} <span class="d">${words(found.cause)} · ${person(found.by)}${found.agreed_by ? ` with ${person(found.agreed_by)}` : ""} ${at(found.decided_at)}</span></h3><p class="message">${found.reasons}</p>
    ${facts(["Remedy", found.remedy && `${REMEDIES[found.remedy]}${found.amount ? `: ${money(found.amount)}` : ""}`], ["In words", found.remedy_note], ["Refund", found.refund && html`${words(found.refund.state)}, due ${at(found.refund.due_at)}`], ["Who else helps", found.next_body?.name])}</div>`;
}

/** The box above the composer. `show` opens one of the forms; `agree` sends the second person's agreement; `over`: the conversation is. */
export function drawComplaint(complaint, show, agree, busy, over) {
  const step = over ? null : nextComplaintStep(complaint), { status } = complaint, proposed = status === "proposed" && !over;
  return html`<section class="box" aria-label="The complaint"><h2>Complaint ${tag(words(status), proposed ? "risk" : status === "decided" ? "kept" : "")}</h2>
    <div class="in stack">${facts(["Received", at(complaint.received_at)], ["To be taken up by", at(complaint.acknowledge_by)], ["Taken up", at(complaint.acknowledged_at)], ["Investigated by", complaint.owner && person(complaint.owner)], ["Found", complaint.findings], ["To be decided by", at(complaint.decide_by)], ["Objected", at(complaint.objected_at)], ["Changed because of it", complaint.changed])}
      ${complaint.why ? html`<p class="note risk">${capital(complaint.why)}</p>` : nothing}
      ${drawDecision("First decision", complaint.earlier)}${drawDecision("Decision", complaint.decision)}
      ${["proposed", "arranging"].includes(status) ? drawDecision(proposed ? "Waits for a second person" : "Orders is asked for it", complaint.proposal) : nothing}
      ${proposed && mine(complaint) ? html`<p class="soft xs">You decided it: another person agrees or sends it back.</p>` : nothing}
      <div class="acts">${step ? button({ key: "m", label: capital(step.label), run: () => show(step.form), disabled: busy }) : nothing}
        ${button({ label: "News for the customer", run: () => show("investigated"), hidden: over || status !== "investigating", disabled: busy })}
        ${button({ key: "m", label: "Agree", go: true, run: agree, hidden: !proposed || mine(complaint), disabled: busy })}
        ${button({ label: "Send the decision back", run: () => show("sent_back"), hidden: !proposed, disabled: busy })}
        ${button({ label: "What was changed", run: () => show("improved"), hidden: !(complaint.decision ?? complaint.earlier) || !session.may("lead"), disabled: busy })}</div></div></section>`;
}

export function drawComplaintForm(form, complaint, submit, back, busy) {
  return html`<form class="box in stack" @submit=${submit}><h2>${TITLES[form]}</h2>${drawFields(form, complaint)}
    <div class="acts"><button class="btn go" ?disabled=${busy}>${DOES[form]}<kbd aria-hidden="true">Ctrl ↵</kbd></button><button type="button" class="btn" @click=${back}>Back</button></div></form>`;
}

const choice = (name, value, label, given) => html`<label class="choice"><input type="radio" name=${name} value=${value} ?checked=${value === given}> ${label}</label>`;

function drawFields(form, { findings, proposal, changed }) {
  if (form === "acknowledged")
    return html`<label for="said">In words for the customer</label><textarea id="said" name="message" rows="3" required minlength="20" maxlength="10000"></textarea>
      <p class="soft xs">It is sent with the dates: news each working day, and the day of the decision. You investigate it.</p>`;
  if (form === "investigated")
    return html`<label for="findings">What was found, for colleagues</label><textarea id="findings" name="findings" rows="3" required maxlength="5000" .defaultValue=${findings ?? ""}></textarea>
      <label for="told">What is new, in words for the customer; nothing is sent without them</label><textarea id="told" name="message" rows="3" minlength="20" maxlength="10000"></textarea>`;
  if (form === "sent_back") return html`<label for="back-note">What is to be decided otherwise, for colleagues</label><textarea id="back-note" name="note" rows="2" required maxlength="2000"></textarea>`;
  if (form === "improved") return html`<label for="changed">What was changed, without names and numbers of cases</label><textarea id="changed" name="changed" rows="2" required maxlength="2000" .defaultValue=${changed ?? ""}></textarea>`;
  return html`<fieldset><legend>Was the customer right?</legend>${Object.entries(DECISIONS).map(([value, label]) => choice("decision", value, label, proposal?.decision))}</fieldset>
    <label for="reasons">The reasons, in words for the customer</label><textarea id="reasons" name="message" rows="4" required minlength="20" maxlength="10000" .defaultValue=${proposal?.reasons ?? ""}></textarea>
    <fieldset><legend>Remedy</legend>${choice("remedy", "", "None: it is not upheld", proposal ? (proposal.remedy ?? "") : null)}${Object.entries(REMEDIES).map(([value, label]) => choice("remedy", value, label, proposal?.remedy))}</fieldset>
    <label for="refund-amount">If a refund: how much, in USD</label><input id="refund-amount" name="amount" inputmode="decimal" pattern="\\d{1,7}(\\.\\d{2})?" .defaultValue=${proposal?.amount?.amount ?? ""}>
    <label for="remedy-note">The remedy in words, if it needs any</label><textarea id="remedy-note" name="remedy_note" rows="2" maxlength="2000" .defaultValue=${proposal?.remedy_note ?? ""}></textarea>
    <label for="cause">What it came from</label><select id="cause" name="cause" required><option value="">Choose</option>${CAUSES.map((cause) => html`<option value=${cause} ?selected=${cause === proposal?.cause}>${capital(words(cause))}</option>`)}</select>
    <label for="country">The customer's country, such as DE, if the order does not say it</label><input id="country" name="country" maxlength="2" pattern="[A-Z]{2}">
    <p class="soft xs">What is not upheld in all goes to a second person, unless a lead decides it. A refund or a new parcel is told to the customer once orders has it.</p>`;
}
