// How an order is shown to staff: its state as a sentence, promises as bars, money, parcels on a track, consents, story.

import { asEvidence } from "/web/js/files.js";
import { maySee } from "./photos.js";
import { at, facts, html, nothing, promise, svg, tag } from "./parts.js";
import { capital, count, moment, money, person, used, words } from "./words.js";

const STAGES = {
  awaiting_payment: "Waits for its payment",
  in_review: "In review",
  contacting_you: "The customer was asked",
  preparing: "In the warehouse",
  not_arriving: "A parcel does not arrive",
  dispatched: "Handed to the carrier",
  in_transit: "On its way",
  customs: "At customs; we pay",
  out_for_delivery: "Out for delivery",
  delivered: "Delivered",
  completed: "Complete",
  cancelled: "Cancelled by its customer",
  expired: "Expired without a payment",
};

/** The team that keeps each promise. */
export const TEAMS = {
  review: "Review", shortage_contact: "Review", payment_attention: "Leads", dispute_evidence: "Leads", remedy: "Support", refund: "Payments",
  dispatch: "Warehouse", delivery: "Carriers", return_review: "After-sales", verification: "After-sales", postage: "After-sales",
  send_back: "After-sales", privacy_request: "Support", suggestion_review: "Support", complaint_acknowledgment: "Support", complaint_decision: "Support", first_response: "Support", next_response: "Support", resolution: "Support", complete_answer: "Support", update: "Support", lead_answer: "Leads",
};

export const stageOf = (order) => STAGES[order.stage] ?? capital(words(order.stage));

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
  return share === null ? "" : `${Math.round(share * 100)} % of its time ${clock.stopped_at ? "was used" : "is used"}`;
};

export function promises(clocks) {
  if (clocks.length === 0) return html`<section class="box"><h2>Promises</h2><p class="in soft">None yet.</p></section>`;
  return html`<section class="box scroll" tabindex="0" aria-label="Promises"><h2>Promises</h2><table class="cmt"><caption class="vh">Promises of this order</caption>
    <thead><tr><th scope="col">Promise</th><th scope="col">How it stands</th><th scope="col">Time used</th><th scope="col">Due</th><th scope="col">Team</th></tr></thead>
    <tbody>${clocks.map((clock) => html`<tr><th scope="row">${capital(words(clock.kind))}<span class="d mono">${clock.subject}</span></th><td>${promise({ ...clock, started_at: null })}</td><td>${bar(clock)}<span class="vh">${shareWords(clock)}</span></td><td>${moment(clock.due_at, clock.zone)}<span class="d">${clock.zone ?? ""}${clock.calendar ? `${clock.zone ? ", " : ""}days of ${clock.calendar}` : ""}${clock.provisional ? ", provisional" : ""}</span></td><td>${TEAMS[clock.kind] ?? ""}</td></tr>`)}</tbody></table></section>`;
}

const cents = ({ amount }) => Math.round(Number(amount) * 100);
const SHARES = [["kept", "Kept for the order"], ["refunded", "Went or goes back"], ["attention", "In front of a person"]];

/** What the order's lines cost less than their prices, as a row of facts; nothing without a discount. */
export const discountOf = ({ discount, totals }) => (totals.discount && cents(totals.discount) ? [[`Discount${discount ? ` ${discount.code}` : ""}`, money(totals.discount)]] : []);

export function moneyOf(order) {
  const { number, account, payment, totals, refunds } = order;
  if (!account) return nothing;
  const whole = cents(account.captured);
  let x = 0;
  const parts = SHARES.map(([name]) => {
    const width = whole ? (cents(account[name]) / whole) * 100 : 0;
    x += width;
    return width > 0 ? svg`<rect class=${name} x=${x - width} width=${width} height="10"/>` : nothing;
  });
  return html`<section class="box"><h2>Money <span class="soft">USD</span></h2><div class="in stack">
    ${whole ? html`<svg class="money" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${parts}</svg>` : nothing}
    <dl class="kv sums"><dt>Captured${payment?.provider ? html` <span class="d">${payment.provider}${payment.captured_at ? html`, ${at(payment.captured_at)}` : nothing}</span>` : nothing}</dt><dd>${account.captured.amount}</dd>
      ${SHARES.map(([name, title]) => html`<dt><span class="dot ${name}"></span>${title}</dt><dd>${account[name].amount}</dd>`)}
      ${cents(account.missing) ? html`<dt>Still to be paid</dt><dd>${account.missing.amount}</dd>` : nothing}
      ${discountOf(order).map(([name]) => html`<dt>${name} <span class="d">taken off before it was paid</span></dt><dd>${totals.discount.amount}</dd>`)}
      ${totals.tax && cents(totals.tax) ? html`<dt>Tax that is included <span class="d">${[...new Set(order.lines.filter(({ tax }) => tax).map(({ tax }) => `${tax.jurisdiction} ${Number(tax.rate)} %`))].join(", ")}</span></dt><dd>${totals.tax.amount}</dd>` : nothing}
      <dt>Freight and duties for the customer</dt><dd>${totals.shipping.amount}</dd></dl>
    ${refunds.length ? html`<ul>${refunds.map((each) => html`<li>${tag(words(each.status), each.status === "settled" ? "kept" : each.status === "failed" ? "late" : "")} ${each.amount.amount} <span class="d">${words(each.cause)}, ${each.settled_at ? html`settled ${at(each.settled_at)}` : html`due ${at(each.due_at)}`}</span></li>`)}</ul>` : nothing}
    ${whole || refunds.length ? html`<p><a href="/desk/ledger/${number}">Every movement of it</a></p>` : nothing}</div></section>`;
}

const TRACK = [["label_created", "Label"], ["in_transit", "On its way"], ["customs", "Customs"], ["out_for_delivery", "Out for delivery"], ["delivered", "Delivered"]];
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

/** What was agreed to, word for word as the customer saw it, by whom and when. */
export function consent(change) {
  const chosen = change.consent && change.options.find(({ option }) => option === change.consent.option);
  const bits = (option) => html`${option.label}${cents(option.refund) ? html` <span class="soft">(${money(option.refund)} back)</span>` : nothing}`;
  return html`<div class="consent"><p>${tag(words(change.status), change.status === "awaiting_customer" ? "risk" : change.consent ? "kept" : "")} <span class="mono d">${change.id}</span></p>
    <p class="d">${change.own ? html`The customer's own edit${change.because ? html`, not done: ${words(change.because)}` : change.status === "accepted" ? ", the warehouse is asked" : nothing}` : change.consent ? "The exact text that was agreed to" : change.status === "awaiting_customer" ? "What the customer is asked" : "What the customer was asked"}</p>
    <blockquote><p>${change.summary}</p>${chosen ? html`<p><b>${bits(chosen)}</b></p>` : html`<ul>${change.options.map((option) => html`<li>${bits(option)}</li>`)}</ul>`}</blockquote>
    ${change.consent ? facts(["Who", change.consent.by], ["How", words(change.consent.how)], ["When", at(change.consent.at)], ["Digest", html`<span class="mono digest">${change.consent.digest}</span>`]) : html`<p class="d">${change.status === "awaiting_customer" ? html`No answer changes nothing${change.expires_at ? html`; asked until ${at(change.expires_at)}` : nothing}.` : change.decided_at ? at(change.decided_at) : nothing}</p>`}</div>`;
}

const who = (actor) => ({ system: "by itself", guest: "a guest", customer: "the customer" })[actor] ?? (actor.startsWith("service:") ? `the service ${actor.slice(8)}` : person(actor));

/** One step of the story, with its proof: where it stands in which chain, and what was recorded. */
export function step(entry) {
  const photos = entry.type === "box_photographed" && maySee() ? entry.body.uploads ?? [] : [];
  return html`<li><span class="d">${at(entry.occurred_at)}</span><span class="tag">${entry.service}</span>
    <details @toggle=${({ target }) => { for (const each of target.querySelectorAll("desk-photos")) each.open = target.open; }}><summary><b>${capital(words(entry.type))}</b> <span class="soft">${who(entry.actor)}${entry.audience === "internal" ? ", not shown to the customer" : ""}${photos.length ? `, ${count(photos.length, "photo")}` : ""}</span></summary>
      ${photos.length ? html`<desk-photos .links=${asEvidence(photos)}></desk-photos>` : nothing}
      ${facts(["In the chain of", html`<span class="mono">${entry.subject}</span>, entry ${entry.subject_seq}`], ["Entry", html`<span class="mono">${entry.id}</span>`], ["Trace", entry.trace_id && html`<span class="mono">${entry.trace_id}</span>`], ["Because of", entry.causation_id && html`<span class="mono">${entry.causation_id}</span>`])}
      <pre tabindex="0" aria-label="What was recorded">${JSON.stringify(entry.body, null, 2)}</pre></details></li>`;
}

export const steps = (story) => html`<section class="box"><h2>Story <span class="soft">${count(story.items.length, "step")} over all services, the newest first</span></h2><ol class="story">${[...story.items].reverse().map(step)}</ol></section>`;
