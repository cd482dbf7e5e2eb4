// A complaint beside its conversation: its steps, what was found, what is decided or waits for a second person.

import { at, button, facts, html, nothing, parts, t, tag } from "./parts.js";
import { session } from "./session.js";
import { capital, money, person, words } from "./words.js";

const DECISIONS = { upheld: t("Upheld"), partly: t("Partly upheld"), not_upheld: t("Not upheld") };
const REMEDIES = { apology: t("An apology"), refund: t("A refund"), resend: t("A parcel that does not arrive: the customer chooses on the page of the order"), other: t("Something else") };
export const CAUSES = ["late_delivery", "lost_or_damaged_parcel", "wrong_or_missing_goods", "product_fault", "product_information", "order_handling", "payment", "return_handling", "late_answer", "wrong_answer", "conduct", "site", "other"];

/** The forms, by the names that the inbox opens them with, and the field to begin at. */
export const COMPLAINT_FIELDS = { acknowledged: "#said", investigated: "#findings", decided: "input[name=decision]", sent_back: "#back-note", improved: "#changed" };
const TITLES = { acknowledged: t("Take the complaint up"), investigated: t("What was found"), decided: t("Decide about the complaint"), sent_back: t("Send the decision back"), improved: t("What was changed because of it") };
const DOES = { acknowledged: t("Tell the customer"), investigated: t("Keep it"), decided: t("Decide"), sent_back: t("Send it back"), improved: t("Keep it") };
const STEPS = { received: { form: "acknowledged", label: t("take it up") }, acknowledged: { form: "investigated", label: t("note what was found") }, objected: { form: "investigated", label: t("note what was found") }, investigating: { form: "decided", label: t("decide") } };

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
  return html`<div><h3>${title}: ${DECISIONS[found.decision]} <span class="d">${words(found.cause)} · ${found.agreed_by ? t("{by} with {agreed_by}", { by: person(found.by), agreed_by: person(found.agreed_by) }) : person(found.by)} ${at(found.decided_at)}</span></h3><p class="message">${found.reasons}</p>
    ${facts([t("Remedy"), found.remedy && `${REMEDIES[found.remedy]}${found.amount ? `: ${money(found.amount)}` : ""}`], [t("In words"), found.remedy_note], [t("Refund"), found.refund && parts("{state}, due {at}", { state: words(found.refund.state), at: at(found.refund.due_at) })], [t("Who else helps"), found.next_body?.name])}</div>`;
}

/** The box above the composer. `show` opens one of the forms; `agree` sends the second person's agreement; `over`: the conversation is. */
export function drawComplaint(complaint, show, agree, busy, over) {
  const step = over ? null : nextComplaintStep(complaint), { status } = complaint, proposed = status === "proposed" && !over;
  return html`<section class="box" aria-label=${t("The complaint")}><h2>${t("Complaint")} ${tag(words(status), proposed ? "risk" : status === "decided" ? "kept" : "")}</h2>
    <div class="in stack">${facts([t("Received"), at(complaint.received_at)], [t("To be taken up by"), at(complaint.acknowledge_by)], [t("Taken up"), at(complaint.acknowledged_at)], [t("Investigated by"), complaint.owner && person(complaint.owner)], [t("Found"), complaint.findings], [t("To be decided by"), at(complaint.decide_by)], [t("Objected"), at(complaint.objected_at)], [t("Changed because of it"), complaint.changed])}
      ${complaint.why ? html`<p class="note risk">${capital(complaint.why)}</p>` : nothing}
      ${drawDecision(t("First decision"), complaint.earlier)}${drawDecision(t("Decision"), complaint.decision)}
      ${["proposed", "arranging"].includes(status) ? drawDecision(proposed ? t("Waits for a second person") : t("Orders is asked for it"), complaint.proposal) : nothing}
      ${proposed && mine(complaint) ? html`<p class="soft xs">${t("You decided it: another person agrees or sends it back.")}</p>` : nothing}
      <div class="acts">${step ? button({ key: "m", label: capital(step.label), run: () => show(step.form), disabled: busy }) : nothing}
        ${button({ label: t("News for the customer"), run: () => show("investigated"), hidden: over || status !== "investigating", disabled: busy })}
        ${button({ key: "m", label: t("Agree"), go: true, run: agree, hidden: !proposed || mine(complaint), disabled: busy })}
        ${button({ label: t("Send the decision back"), run: () => show("sent_back"), hidden: !proposed, disabled: busy })}
        ${button({ label: t("What was changed"), run: () => show("improved"), hidden: !(complaint.decision ?? complaint.earlier) || !session.may("lead"), disabled: busy })}</div></div></section>`;
}

export function drawComplaintForm(form, complaint, submit, back, busy) {
  return html`<form class="box in stack" @submit=${submit}><h2>${TITLES[form]}</h2>${drawFields(form, complaint)}
    <div class="acts"><button class="btn go" ?disabled=${busy}>${DOES[form]}<kbd aria-hidden="true">${t("Ctrl ↵")}</kbd></button><button type="button" class="btn" @click=${back}>${t("Back")}</button></div></form>`;
}

const choice = (name, value, label, given) => html`<label class="choice"><input type="radio" name=${name} value=${value} ?checked=${value === given}> ${label}</label>`;

function drawFields(form, { findings, proposal, changed }) {
  if (form === "acknowledged")
    return html`<label for="said">${t("In words for the customer")}</label><textarea id="said" name="message" rows="3" required minlength="20" maxlength="10000"></textarea>
      <p class="soft xs">${t("It is sent with the dates: news each working day, and the day of the decision. You investigate it.")}</p>`;
  if (form === "investigated")
    return html`<label for="findings">${t("What was found, for colleagues")}</label><textarea id="findings" name="findings" rows="3" required maxlength="5000" .defaultValue=${findings ?? ""}></textarea>
      <label for="told">${t("What is new, in words for the customer; nothing is sent without them")}</label><textarea id="told" name="message" rows="3" minlength="20" maxlength="10000"></textarea>`;
  if (form === "sent_back") return html`<label for="back-note">${t("What is to be decided otherwise, for colleagues")}</label><textarea id="back-note" name="note" rows="2" required maxlength="2000"></textarea>`;
  if (form === "improved") return html`<label for="changed">${t("What was changed, without names and numbers of cases")}</label><textarea id="changed" name="changed" rows="2" required maxlength="2000" .defaultValue=${changed ?? ""}></textarea>`;
  return html`<fieldset><legend>${t("Was the customer right?")}</legend>${Object.entries(DECISIONS).map(([value, label]) => choice("decision", value, label, proposal?.decision))}</fieldset>
    <label for="reasons">${t("The reasons, in words for the customer")}</label><textarea id="reasons" name="message" rows="4" required minlength="20" maxlength="10000" .defaultValue=${proposal?.reasons ?? ""}></textarea>
    <fieldset><legend>${t("Remedy")}</legend>${choice("remedy", "", t("None: it is not upheld"), proposal ? (proposal.remedy ?? "") : null)}${Object.entries(REMEDIES).map(([value, label]) => choice("remedy", value, label, proposal?.remedy))}</fieldset>
    <label for="refund-amount">${t("If a refund: how much, in USD")}</label><input id="refund-amount" name="amount" inputmode="decimal" pattern="\\d{1,7}(\\.\\d{2})?" .defaultValue=${proposal?.amount?.amount ?? ""}>
    <label for="remedy-note">${t("The remedy in words, if it needs any")}</label><textarea id="remedy-note" name="remedy_note" rows="2" maxlength="2000" .defaultValue=${proposal?.remedy_note ?? ""}></textarea>
    <label for="cause">${t("What it came from")}</label><select id="cause" name="cause" required><option value="">${t("Choose")}</option>${CAUSES.map((cause) => html`<option value=${cause} ?selected=${cause === proposal?.cause}>${capital(words(cause))}</option>`)}</select>
    <label for="country">${t("The customer's country, such as DE, if the order does not say it")}</label><input id="country" name="country" maxlength="2" pattern="[A-Z]{2}">
    <p class="soft xs">${t("What is not upheld in all goes to a second person, unless a lead decides it. A refund or a new parcel is told to the customer once orders has it.")}</p>`;
}
