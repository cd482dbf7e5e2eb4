// How the promises were kept: by kind, what was made in the last days and is decided by now. Numbers are never made nicer:
// a share is rounded down, and where there are few, they are counted and not called a share.

import { Problem, call } from "./api.js";
import { bar, el, fill, find, time } from "./dom.js";
import { parts, t, tn } from "/web/design/texts.js";

export const FEW = 20;

const KINDS = {
  review: t("Your order is checked"),
  backorder: t("What was not in stock is here"),
  dispatch: t("It leaves us"),
  delivery: t("It arrives"),
  shortage_contact: t("We ask you when something is missing"),
  remedy: t("We ask you when a parcel does not arrive"),
  first_response: t("A person answers you"),
  next_response: t("You get the next answer"),
  update: t("You hear from us while you wait"),
  complete_answer: t("A difficult question is answered in full"),
  lead_answer: t("A lead answers you where you ask for one"),
  resolution: t("Your question is solved"),
  return_review: t("We decide about your return"),
  verification: t("We check what you sent back"),
  refund: t("Your money is back"),
  postage: t("We decide about the postage of your return"),
  send_back: t("We send back what we did not accept"),
  complaint_acknowledgment: t("A person takes up your complaint"),
  complaint_decision: t("We decide about your complaint"),
  suggestion_review: t("We decide about your suggestion"),
  payment_attention: t("We look into a payment that does not fit"),
  dispute_evidence: t("We answer a bank that disputes a payment"),
  landed_cost: t("We look into a bill of a carrier that does not fit"),
  privacy_request: t("You get your data, or they are erased"),
};

function row({ kind, kept, breached }) {
  const decided = kept + breached;
  const share = Math.floor((100 * kept) / decided);
  const few = decided < FEW;
  const late = breached === 0 ? t("none late") : t("{n} late", { n: breached });
  return el("li", { "data-kind": kind }, el("h3", {}, KINDS[kind]), el("b", {}, few ? t("{kept} of {decided}", { kept, decided }) : `${share} %`),
    bar(kept / decided, breached ? "risk" : "kept"),
    el("p", { class: "soft small" }, few ? t("{late}; too few to speak of a share", { late }) : t("{kept} of {decided} kept in time, {late}", { kept, decided, late })));
}

function show({ since, until, items, missing }) {
  const known = Object.keys(KINDS).flatMap((kind) => items.filter((item) => item.kind === kind && item.kept + item.breached > 0));
  const running = items.reduce((sum, item) => sum + item.running, 0);
  fill(find("#score"),
    el("p", {}, ...parts("What we promised from {since} to {until}, of all customers together. What is late and still runs counts as late.", { since: time(since, { style: "day" }), until: time(until, { style: "moment" }) })),
    known.length ? el("ul", { class: "score" }, ...known.map(row)) : el("p", { class: "box" }, t("Nothing was due in this time yet, so there is nothing to count.")),
    el("p", { class: "soft small" }, tn("{n} promise runs and is not late. It is not counted yet.", "{n} promises run and are not late. They are not counted yet.", running)),
    missing.length ? el("p", { class: "box ask" }, t("A part of the numbers could not be read just now, so these are not all.")) : null);
}

try {
  show(await call("GET", "/v1/reports/promises"));
} catch (problem) {
  if (!(problem instanceof Problem)) throw problem;
  fill(find("#score"), el("p", { class: "box ask" }, t("The numbers cannot be read just now. Please look again in a moment.")));
}
