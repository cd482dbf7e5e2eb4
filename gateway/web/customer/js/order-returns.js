// The returns that were asked for: how each stands, and what the customer may do about it now.

import { call } from "./api.js";
import { addressLines, el, field, fill, find, money, time, words } from "./dom.js";
import { showEvidence } from "./files.js";
import { missing, submits, summary } from "./forms.js";
import { RETURNS } from "./words.js";
import { parts, t } from "/web/design/texts.js";

const TITLES = {
  requested: t("Requested"),
  needs_info: t("A question for you"),
  authorized: t("Accepted"),
  in_transit: t("On its way to us"),
  received: t("Arrived"),
  inspected: t("Checked"),
  refund_due: t("Refund on its way"),
  exchange_due: t("The same again is on its way"),
  refunded: t("Refunded"),
  closed: t("Closed"),
  withdrawn: t("Withdrawn"),
  appealed: t("Appealed"),
  rejected: t("Not accepted"),
  rejected_final: t("Not accepted, for good"),
  lapsed: t("Not sent in time"),
};
const WITHDRAWABLE = ["requested", "needs_info", "authorized"];
const SENDABLE = ["authorized", "lapsed"];
const CANNOT_CHOOSE = ["withdrawn", "rejected_final", "closed"];
const OVER = ["withdrawn", "rejected_final", "closed", "refunded"];
const JUDGED = ["accepted", "exchanged", "rejected_final"];

/** Show every return; one that has not moved stays as it is, with what is being typed into it. */
export function showMade(list, order, context) {
  const returns = order.returns ?? [];
  const known = new Map([...list.querySelectorAll("article")].map((article) => [article.dataset.shown, article]));
  const made = returns.map((item) => known.get(mark(item)) ?? showReturn(item, context));
  if (made.length === known.size && made.every((article) => article.isConnected)) return;
  fill(list, ...made);
}

const mark = (item) => `${item.number} ${item.status} ${item.version}`;

function showReturn(item, context) {
  const pieces = item.lines.map((line) => `${line.quantity} × ${titleOf(item, line.sku)}`).join(", ");
  return el("article", { class: "message", "data-shown": mark(item) },
    el("h3", {}, `${item.number}: ${TITLES[item.status] ?? words(item.status)}`),
    el("p", { class: "soft" }, pieces),
    el("p", {}, RETURNS[item.status] ?? ""),
    showEvidence(item.evidence, () => context.token),
    item.rejection?.explanation ? el("p", {}, item.rejection.explanation) : null,
    item.status === "authorized" ? sending(item) : null,
    item.refund?.claims?.length ? el("p", {}, t("Refund {amount}, of which {settled} has been paid back.", { amount: money(item.refund.amount), settled: money(item.refund.settled) })) : null,
    exchanging(item) ? el("p", {}, exchanging(item)) : null,
    ...(item.postage ?? []).map(showPostage),
    ...controls(item, context));
}

/** Whether another piece may still come for this one: it is not judged yet, or what is sent in exchange has not arrived. */
const mayCome = (unit) => !unit.withdrawn && !unit.sent_back && (unit.exchange ? !unit.exchange.delivered_at : !JUDGED.includes(unit.outcome));
const wantsExchange = (item) => item.outcome === "exchange" && item.units.some(mayCome);

/** What is said of an exchange: what the customer wants, and the shipment that brings it. */
function exchanging(item) {
  const sent = [...new Set(item.units.filter((unit) => unit.exchange).map((unit) => unit.exchange.shipment_number))].join(", ");
  if (sent) return t("You get the same again, free of charge, with shipment {number}. Nothing is paid back for it.", { number: sent });
  if (!wantsExchange(item) || OVER.includes(item.status)) return "";
  return t("You want the same again. We send it when yours has arrived and is checked; if none is left then, we pay you back.");
}

const POSTAGE = {
  asked: t("we look at it, and write to you"),
  accepted: t("we pay it back"),
  declined: t("we cannot pay it back"),
};

function showPostage(postage) {
  const stands = postage.settled_at ? t("paid back") : POSTAGE[postage.outcome] ?? POSTAGE.asked;
  return el("p", {}, t("Postage {amount}: {stands}.", { amount: money(postage.amount), stands }), postage.note ? ` ${postage.note}` : "");
}

const titleOf = (item, sku) => item.units.find((unit) => unit.sku === sku)?.title ?? sku;

function sending(item) {
  const { reference, ...address } = item.instructions ?? {};
  const to = addressLines(address).join(", ");
  return el("p", {}, to ? `${t("Send it to: {address}.", { address: to })} ` : "", t("Write {number} on the parcel.", { number: item.number }),
    item.send_by ? el("span", {}, " ", ...parts("Please send it by {day}.", { day: time(item.send_by, { style: "long" }) })) : null);
}

function controls(item, context) {
  const found = [];
  if (item.status === "needs_info") found.push(answerForm(item, context));
  if (SENDABLE.includes(item.status)) found.push(sentForm(item, context));
  if (item.rejection && !item.rejection.final && !item.appeal && !OVER.includes(item.status)) found.push(appealForm(item, context));
  if (item.dates?.received_at && (item.postage ?? []).every((each) => ["accepted", "declined"].includes(each.outcome))) found.push(postageForm(item, context));
  if (wantsExchange(item) && !CANNOT_CHOOSE.includes(item.status)) found.push(refundForm(item, context));
  if (WITHDRAWABLE.includes(item.status)) found.push(withdrawForm(item, context));
  return found;
}

/** A form of one step: its parts, what it sends, and what is said when it worked. */
function step(item, context, name, parts, { check, body, said, folded = null }) {
  const form = el("form", { id: `${name}-form-${item.number}` }, summary(), ...parts);
  submits(form, {
    check: () => (check ? check(form) : []),
    send: (key) => call("POST", `/v1/returns/${item.number}/${name === "sent" || name === "answer" ? "info" : name}`, { token: context.token, key, body: body(form) }),
    place: (path) => `${path.split(".").pop()}-${item.number}`,
    draft: `${name}-${item.number}`,
    done: async () => {
      await context.reload();
      context.say(said);
      find("#title").focus();
    },
  });
  return folded ? el("details", {}, el("summary", {}, folded), form) : form;
}

const text = (form, id) => find(`#${CSS.escape(id)}`, form).value.trim();

function answerForm(item, context) {
  const id = `answer-${item.number}`;
  return step(item, context, "answer", [
    el("p", { class: "box" }, item.question?.question ?? ""),
    field(el("textarea", { id, maxlength: "4000", required: true }), t("Your answer")),
    el("button", {}, t("Send the answer")),
  ], {
    check: (form) => missing(form, id),
    body: (form) => ({ answer: text(form, id) }),
    said: t("Your answer is with us; we go on now."),
  });
}

function sentForm(item, context) {
  const [carrier, number] = [`carrier-${item.number}`, `tracking_number-${item.number}`];
  return step(item, context, "sent", [
    field(el("input", { id: carrier, maxlength: "64", autocomplete: "off" }), t("Who carries it? (optional)")),
    field(el("input", { id: number, maxlength: "64", autocomplete: "off", spellcheck: "false" }), t("Tracking number (optional)")),
    el("button", {}, t("I have sent it")),
  ], {
    body: (form) => ({
      sent: true,
      ...(text(form, carrier) && { carrier: text(form, carrier) }),
      ...(text(form, number) && { tracking_number: text(form, number) }),
    }),
    said: t("Thank you. We wait for your parcel, and tell you when it has arrived."),
    folded: t("I have sent the goods"),
  });
}

function postageForm(item, context) {
  const [amount, receipt, link] = [`amount-${item.number}`, `receipt-${item.number}`, `evidence-${item.number}`];
  return step(item, context, "postage", [
    el("p", {}, t("Sending goods back to us is free of charge: tell us what you paid, and we pay it back.")),
    field(el("input", { id: amount, inputmode: "decimal", pattern: "[0-9]{1,6}\\.[0-9]{2}", autocomplete: "off", required: true }), t("What you paid, in USD, such as 13.90")),
    field(el("input", { id: receipt, maxlength: "1000", autocomplete: "off", required: true }), t("What is on the receipt?"), t("Carrier, amount, currency and day.")),
    field(el("input", { id: link, type: "url", maxlength: "500", autocomplete: "off" }), t("A link to a photo of it (optional)")),
    el("button", {}, t("Ask for the postage")),
  ], {
    check: (form) => missing(form, amount, receipt),
    body: (form) => ({
      amount: { amount: text(form, amount), currency: "USD" },
      receipt: text(form, receipt),
      ...(text(form, link) && { evidence: [text(form, link)] }),
    }),
    said: t("We have your receipt. We look at it, and write to you."),
    folded: t("Have the postage paid back"),
  });
}

function appealForm(item, context) {
  const id = `statement-${item.number}`;
  return step(item, context, "appeal", [
    field(el("textarea", { id, maxlength: "4000", required: true }), t("Why do you see it otherwise?"), t("Somebody who has not decided about this return reads it and decides.")),
    el("button", {}, t("Object to the decision")),
  ], {
    check: (form) => missing(form, id),
    body: (form) => ({ statement: text(form, id) }),
    said: t("Your objection is with us. Somebody else decides, and we write to you."),
  });
}

function refundForm(item, context) {
  return step(item, context, "outcome", [
    el("p", {}, t("We pay back in full what you paid for the goods that we accept. What we are sending you already is stopped, if it has not left us.")),
    el("button", { class: "second" }, t("Take the money")),
  ], { body: () => ({ outcome: "refund" }), said: t("Your choice is recorded, and we confirm it by e-mail."), folded: t("Be paid back instead of an exchange") });
}

function withdrawForm(item, context) {
  return step(item, context, "withdrawal", [
    el("p", {}, t("You keep the goods, and nothing is paid back. You can ask again while the time for returns lasts.")),
    el("button", { class: "second" }, t("Withdraw the return")),
  ], { body: () => ({}), said: t("The return is withdrawn; you keep the goods."), folded: t("Withdraw this return") });
}
