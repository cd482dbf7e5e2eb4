// How an order is shown to staff: its state as a sentence, promises as bars, money, parcels on a track, consents, story.

import { asEvidence } from "/web/js/files.js";
import { whenOf } from "./order-stage.js";
import { maySee } from "./photos.js";
import { at, facts, html, nothing, parts, promise, svg, t, tag, tn } from "./parts.js";
import { capital, moment, money, person, used, words } from "./words.js";

/** The team that keeps each promise. */
export const TEAMS = {
  review: t("Review"), shortage_contact: t("Review"), payment_attention: t("Leads"), dispute_evidence: t("Leads"), landed_cost: t("Leads"), remedy: t("Support"), refund: t("Payments"),
  backorder: t("Warehouse"), dispatch: t("Warehouse"), delivery: t("Carriers"), return_review: t("After-sales"), verification: t("After-sales"), postage: t("After-sales"),
  send_back: t("After-sales"), privacy_request: t("Support"), suggestion_review: t("Support"), complaint_acknowledgment: t("Support"), complaint_decision: t("Support"), first_response: t("Support"), next_response: t("Support"), resolution: t("Support"), complete_answer: t("Support"), update: t("Support"), lead_answer: t("Leads"),
};

const BAR = 120;

/** A promise as a bar: how much of its time is used, where the earliest and the due moment are, and what is past it. */
export function bar(clock, now = Date.now()) {
  const share = used(clock, now);
  if (share === null) return nothing;
  const [begin, due] = [clock.started_at, clock.due_at].map((text) => new Date(text).getTime());
  const scale = BAR / Math.max(1, share), end = Math.min(share, 1) * scale;
  const earliest = clock.earliest_at ? ((new Date(clock.earliest_at).getTime() - begin) / (due - begin)) * scale : null;
  return html`<svg class="pbar is-${clock.status}" viewBox="0 -2 ${BAR} 12" width=${BAR} height="12" aria-hidden="true"><rect class="off" width=${scale} height="8" rx="2"/>${svg`<rect class="on" width=${end} height="8" rx="2"/>`}${share > 1 ? svg`<rect class="over" x=${scale} width=${BAR - scale} height="8" rx="1"/>` : nothing}${earliest === null ? nothing : svg`<path class="mk" d="M${earliest} -1v10"/>`}${svg`<path class="mk due" d="M${scale - 0.75} -2v12"/>`}</svg>`;
}

const shareWords = (clock) => {
  const share = used(clock);
  return share === null ? "" : clock.stopped_at ? t("{share} % of its time was used", { share: Math.round(share * 100) }) : t("{share} % of its time is used", { share: Math.round(share * 100) });
};

export function promises(clocks) {
  if (clocks.length === 0) return html`<section class="box"><h2>${t("Promises")}</h2><p class="in soft">${t("None yet.")}</p></section>`;
  return html`<section class="box scroll" tabindex="0" aria-label=${t("Promises")}><h2>${t("Promises")}</h2><table class="cmt"><caption class="vh">${t("Promises of this order")}</caption>
    <thead><tr><th scope="col">${t("Promise")}</th><th scope="col">${t("How it stands")}</th><th scope="col">${t("Time used")}</th><th scope="col">${t("Due")}</th><th scope="col">${t("Team")}</th></tr></thead>
    <tbody>${clocks.map((clock) => html`<tr><th scope="row">${capital(words(clock.kind))}<span class="d mono">${clock.subject}</span></th><td>${promise({ ...clock, started_at: null })}</td><td>${bar(clock)}<span class="vh">${shareWords(clock)}</span></td><td>${moment(clock.due_at, clock.zone)}<span class="d">${[clock.zone, clock.calendar && t("days of {calendar}", { calendar: clock.calendar }), clock.provisional && t("provisional")].filter(Boolean).join(", ")}</span></td><td>${TEAMS[clock.kind] ?? ""}</td></tr>`)}</tbody></table></section>`;
}

const cents = ({ amount }) => Math.round(Number(amount) * 100);
const SHARES = [["kept", t("Kept for the order")], ["refunded", t("Went or goes back")], ["attention", t("In front of a person")]];

/** What the order's lines cost less than their prices, as a row of facts; nothing without a discount. */
export const discountOf = ({ discount, totals }) => (totals.discount && cents(totals.discount) ? [[discount ? t("Discount {code}", { code: discount.code }) : t("Discount"), money(totals.discount)]] : []);

export function moneyOf(order) {
  const { number, account, payment, totals, refunds } = order;
  if (!account) return nothing;
  const whole = cents(account.captured);
  let x = 0;
  const bands = SHARES.map(([name]) => {
    const width = whole ? (cents(account[name]) / whole) * 100 : 0;
    x += width;
    return width > 0 ? svg`<rect class=${name} x=${x - width} width=${width} height="10"/>` : nothing;
  });
  return html`<section class="box"><h2>${t("Money")} <span class="soft">USD</span></h2><div class="in stack">
    ${whole ? html`<svg class="money" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${bands}</svg>` : nothing}
    <dl class="kv sums"><dt>${t("Captured")}${payment?.provider ? html` <span class="d">${payment.provider}${payment.captured_at ? html`, ${at(payment.captured_at)}` : nothing}</span>` : nothing}</dt><dd>${account.captured.amount}</dd>
      ${SHARES.map(([name, title]) => html`<dt><span class="dot ${name}"></span>${title}</dt><dd>${account[name].amount}</dd>`)}
      ${cents(account.missing) ? html`<dt>${t("Still to be paid")}</dt><dd>${account.missing.amount}</dd>` : nothing}
      ${discountOf(order).map(([name]) => html`<dt>${name} <span class="d">${t("taken off before it was paid")}</span></dt><dd>${totals.discount.amount}</dd>`)}
      ${totals.tax && cents(totals.tax) ? html`<dt>${t("Tax that is included")} <span class="d">${[...new Set(order.lines.filter(({ tax }) => tax).map(({ tax }) => `${tax.jurisdiction} ${Number(tax.rate)} %`))].join(", ")}</span></dt><dd>${totals.tax.amount}</dd>` : nothing}
      <dt>${t("Freight and duties for the customer")}</dt><dd>${totals.shipping.amount}</dd></dl>
    ${refunds.length ? html`<ul>${refunds.map((each) => html`<li>${tag(words(each.status), each.status === "settled" ? "kept" : each.status === "failed" ? "late" : "")} ${each.amount.amount} <span class="d">${whenOf(each)}</span></li>`)}</ul>` : nothing}
    ${whole || refunds.length ? html`<p><a href="/desk/ledger/${number}">${t("Every movement of it")}</a></p>` : nothing}</div></section>`;
}

const TRACK = [["label_created", t("Label")], ["in_transit", t("On its way")], ["customs", t("Customs")], ["out_for_delivery", t("Out for delivery")], ["delivered", t("Delivered")]];
const STEP = { customs_hold: "customs", available_for_pickup: "out_for_delivery", attempt_failed: "out_for_delivery" };
const BAD = ["lost", "returned", "returning", "exception", "customs_hold", "attempt_failed", "cancelled"];

/** A parcel on its track: the steps that it has passed, with the day of each, and where it is. */
export function track(parcel) {
  const first = new Map();
  for (const scan of parcel.events) if (scan.status && !first.has(STEP[scan.status] ?? scan.status)) first.set(STEP[scan.status] ?? scan.status, scan.occurred_at);
  const here = STEP[parcel.status] ?? parcel.status;
  const reached = Math.max(...TRACK.map(([status], place) => (first.has(status) || status === here ? place : 0)));
  const steps = TRACK.filter(([status]) => status !== "customs" || first.has("customs") || here === "customs");
  return html`<ol class="track ${BAD.includes(parcel.status) ? "risk" : parcel.delivered_at ? "kept" : ""}">${steps.map(([status, title]) => {
    const place = TRACK.findIndex(([name]) => name === status);
    return html`<li class="${place <= reached ? "done" : ""}" aria-current=${status === here ? "step" : nothing}>${title}<span class="d">${first.has(status) ? at(first.get(status)) : nothing}</span></li>`;
  })}</ol>`;
}

function ownEdit({ because, status }) {
  if (because) return t("The customer's own edit, not done: {because}", { because: words(because) });
  return status === "accepted" ? t("The customer's own edit, the warehouse is asked") : t("The customer's own edit");
}

/** What was agreed to, word for word as the customer saw it, by whom and when. */
export function consent(change) {
  const chosen = change.consent && change.options.find(({ option }) => option === change.consent.option);
  const bits = (option) => html`${option.label}${cents(option.refund) ? html` <span class="soft">${t("({refund} back)", { refund: money(option.refund) })}</span>` : nothing}`;
  return html`<div class="consent"><p>${tag(words(change.status), change.status === "awaiting_customer" ? "risk" : change.consent ? "kept" : "")} <span class="mono d">${change.id}</span></p>
    <p class="d">${change.own ? ownEdit(change) : change.consent ? t("The exact text that was agreed to") : change.status === "awaiting_customer" ? t("What the customer is asked") : t("What the customer was asked")}</p>
    <blockquote><p>${change.summary}</p>${chosen ? html`<p><b>${bits(chosen)}</b></p>` : html`<ul>${change.options.map((option) => html`<li>${bits(option)}</li>`)}</ul>`}</blockquote>
    ${change.consent ? facts([t("Who"), change.consent.by], [t("How"), words(change.consent.how)], [t("When"), at(change.consent.at)], [t("Digest"), html`<span class="mono digest">${change.consent.digest}</span>`]) : html`<p class="d">${change.status === "awaiting_customer" ? change.expires_at ? parts("No answer changes nothing; asked until {at}.", { at: at(change.expires_at) }) : t("No answer changes nothing.") : change.decided_at ? at(change.decided_at) : nothing}</p>`}</div>`;
}

const who = (actor) => ({ system: t("by itself"), guest: t("a guest"), customer: t("the customer") })[actor] ?? (actor.startsWith("service:") ? t("the service {service}", { service: actor.slice(8) }) : person(actor));

/** One step of the story, with its proof: where it stands in which chain, and what was recorded. */
export function step(entry) {
  const photos = entry.type === "box_photographed" && maySee() ? entry.body.uploads ?? [] : [];
  return html`<li><span class="d">${at(entry.occurred_at)}</span><span class="tag">${entry.service}</span>
    <details @toggle=${({ target }) => { for (const each of target.querySelectorAll("desk-photos")) each.open = target.open; }}><summary><b>${capital(words(entry.type))}</b> <span class="soft">${who(entry.actor)}${entry.audience === "internal" ? `, ${t("not shown to the customer")}` : ""}${photos.length ? `, ${tn("{n} photo", "{n} photos", photos.length)}` : ""}</span></summary>
      ${photos.length ? html`<desk-photos .links=${asEvidence(photos)}></desk-photos>` : nothing}
      ${facts([t("In the chain of"), parts("{subject}, entry {seq}", { subject: html`<span class="mono">${entry.subject}</span>`, seq: entry.subject_seq })], [t("Entry"), html`<span class="mono">${entry.id}</span>`], [t("Trace"), entry.trace_id && html`<span class="mono">${entry.trace_id}</span>`], [t("Because of"), entry.causation_id && html`<span class="mono">${entry.causation_id}</span>`])}
      <pre tabindex="0" aria-label=${t("What was recorded")}>${JSON.stringify(entry.body, null, 2)}</pre></details></li>`;
}

export const steps = (story) => html`<section class="box"><h2>${t("Story")} <span class="soft">${tn("{n} step over all services, the newest first", "{n} steps over all services, the newest first", story.items.length)}</span></h2><ol class="story">${[...story.items].reverse().map(step)}</ol></section>`;
