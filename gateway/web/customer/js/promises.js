// How the promises were kept: by kind, what was made in the last days and is decided by now. Numbers are never made nicer:
// a share is rounded down, and where there are few, they are counted and not called a share.

import { Problem, call } from "./api.js";
import { bar, el, fill, find, time } from "./dom.js";

export const FEW = 20;

const KINDS = {
  review: "Your order is checked",
  dispatch: "It leaves us",
  delivery: "It arrives",
  shortage_contact: "We ask you when something is missing",
  remedy: "We ask you when a parcel does not arrive",
  first_response: "A person answers you",
  next_response: "You get the next answer",
  update: "You hear from us while you wait",
  complete_answer: "A difficult question is answered in full",
  lead_answer: "A lead answers you where you ask for one",
  resolution: "Your question is solved",
  return_review: "We decide about your return",
  verification: "We check what you sent back",
  refund: "Your money is back",
  postage: "We decide about the postage of your return",
  send_back: "We send back what we did not accept",
  complaint_acknowledgment: "A person takes up your complaint",
  complaint_decision: "We decide about your complaint",
  suggestion_review: "We decide about your suggestion",
  payment_attention: "We look into a payment that does not fit",
  dispute_evidence: "We answer a bank that disputes a payment",
  privacy_request: "You get your data, or they are erased",
};

function row({ kind, kept, breached }) {
  const decided = kept + breached;
  const share = Math.floor((100 * kept) / decided);
  const few = decided < FEW;
  const late = breached === 0 ? "none late" : `${breached} late`;
  return el("li", { "data-kind": kind }, el("h3", {}, KINDS[kind]), el("b", {}, few ? `${kept} of ${decided}` : `${share} %`),
    bar(kept / decided, breached ? "risk" : "kept"),
    el("p", { class: "soft small" }, few ? `${late}; too few to speak of a share` : `${kept} of ${decided} kept in time, ${late}`));
}

function show({ since, until, items, missing }) {
  const known = Object.keys(KINDS).flatMap((kind) => items.filter((item) => item.kind === kind && item.kept + item.breached > 0));
  const running = items.reduce((sum, item) => sum + item.running, 0);
  fill(find("#score"),
    el("p", {}, "What we promised from ", time(since, { style: "day" }), " to ", time(until, { style: "moment" }), ", of all customers together. What is late and still runs counts as late."),
    known.length ? el("ul", { class: "score" }, ...known.map(row)) : el("p", { class: "box" }, "Nothing was due in this time yet, so there is nothing to count."),
    el("p", { class: "soft small" }, running === 1 ? "1 promise runs and is not late. It is not counted yet." : `${running} promises run and are not late. They are not counted yet.`),
    missing.length ? el("p", { class: "box ask" }, "A part of the numbers could not be read just now, so these are not all.") : null);
}

try {
  show(await call("GET", "/v1/reports/promises"));
} catch (problem) {
  if (!(problem instanceof Problem)) throw problem;
  fill(find("#score"), el("p", { class: "box ask" }, "The numbers cannot be read just now. Please look again in a moment."));
}
