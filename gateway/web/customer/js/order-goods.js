// What was bought, what it cost, where the money is, and the receipt that is printed.

import { addressLines, el, fill, money, place, refill, sum, time, timeZone, words } from "./dom.js";
import { ARRIVED, returnUntil, utcDay, whereItIs } from "./order-head.js";
import { idOf } from "./order-papers.js";
import { PROMISES } from "./words.js";
import { parts, t } from "/web/design/texts.js";

const CAUSES = { return: t("your return"), postage: t("the postage of your return"), change: t("the change"), cancellation: t("your cancellation"), remedy: t("what did not arrive"), goodwill: t("your complaint"), payment: t("what was paid too much") };
const nothing = (amount) => !amount || amount.amount === "0.00";

export function showGoods(section, order) {
  refill(section, el("h2", { id: "goods-title" }, t("What you ordered")), goods(order), ...(order.refunds ?? []).map(showRefund),
    receiptable(order) ? el("button", { type: "button", id: "print", class: "second", onclick: () => print() }, t("Print the receipt")) : null);
}

function goods(order) {
  const { totals, account } = order;
  const row = (label, amount, name = null) => el("tr", { class: name }, el("th", { scope: "row" }, label), el("td", { class: "number" }, money(amount)));
  return el("table", { class: "goods" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, t("Article")), el("th", { scope: "col", class: "number" }, t("Amount")))),
    el("tbody", {}, ...order.lines.map(showLine)),
    el("tfoot", {}, nothing(totals.discount) ? null : row(order.discount ? t("Discount {code}, taken off above", { code: order.discount.code }) : t("Discount, taken off above"), totals.discount),
      row(t("Shipping"), totals.shipping), row(t("Duties and fees"), totals.duties), row(t("Total"), totals.total, "total"), ...taxes(order.lines).map(({ name, amounts }) => row(name, sum(amounts))),
      totals.ordered.amount === totals.total.amount ? null : row(t("Ordered at first"), totals.ordered),
      nothing(account?.captured) ? null : row(t("Paid"), account.captured),
      nothing(totals.refunded) ? null : row(t("Paid back or on its way back"), totals.refunded)));
}

/** The tax that is included in the lines, by its rate: {name, amounts}. */
function taxes(lines) {
  const found = new Map();
  for (const { tax } of lines) if (tax?.amounts.length) {
    const name = t("Included: {rate} % tax of {jurisdiction}, our number {number}", { rate: Number(tax.rate), jurisdiction: tax.jurisdiction, number: tax.number });
    found.set(name, [...(found.get(name) ?? []), ...tax.amounts]);
  }
  return [...found].map(([name, amounts]) => ({ name, amounts }));
}

/** A line: what it is, how many pieces at which price, and what they cost together. */
function showLine(line) {
  const each = line.quantity ? `${line.quantity} × ${money(line.unit_price)}` : t("none left");
  const together = line.paid?.length ? sum(line.paid) : { amount: "0.00", currency: line.unit_price.currency };
  return el("tr", {}, el("td", {}, line.title ?? line.sku, el("span", { class: "each soft" }, each)), el("td", { class: "number" }, money(together)));
}

const showRefund = (refund) => el("p", { class: "small" }, ...parts("For {cause}: {refund}", { cause: CAUSES[refund.cause] ?? t("your order"), refund: whereItIs(refund) }),
  ...(refund.settled_at ? [" ", el("a", { href: `#${idOf(`refunds/${refund.id}/credit-note`)}` }, t("Credit note"))] : []));

const receiptable = (order) => !nothing(order.account?.captured);

function ended(promise) {
  const moment = time(promise.stopped_at, { zone: promise.zone || timeZone });
  return promise.status === "kept" ? parts(", kept on {moment}", { moment }) : parts(", ended on {moment}", { moment });
}

/** The receipt: on paper it is all there is of this page. It names what was promised, and by when. */
export function showReceipt(section, order) {
  if (!receiptable(order)) return fill(section);
  const until = returnUntil(order);
  const promises = (order.commitments ?? []).map((promise) => el("li", {}, ...parts("{promise}: by {moment} ({place} time)", {
    promise: PROMISES[promise.kind] ?? words(promise.kind), moment: time(promise.due_at, { zone: promise.zone || timeZone }), place: place(promise.zone || timeZone),
  }), promise.stopped_at ? el("span", {}, ...ended(promise)) : ""));
  return fill(section,
    el("h1", {}, t("Receipt")),
    el("p", {}, ...(order.payment?.captured_at
      ? parts("Order {number}, placed on {placed}, paid on {paid}.", { number: order.number, placed: time(order.placed_at, { style: "day" }), paid: time(order.payment.captured_at, { style: "day" }) })
      : parts("Order {number}, placed on {placed}.", { number: order.number, placed: time(order.placed_at, { style: "day" }) }))),
    el("p", {}, t("Sold by Pledge to {address}.", { address: addressLines(order.delivery).join(", ") })),
    goods(order),
    el("p", {}, t("Shipping, duties and handling fees are borne by us.")),
    el("h2", {}, t("What we promised")), el("ul", {}, ...promises),
    el("p", {}, until && ARRIVED.includes(order.stage) ? el("span", {}, ...parts("Everything can be returned until {day}.", { day: utcDay(until) })) : t("Everything can be returned for {days} days after the delivery.", { days: order.return_policy.days })),
    el("p", {}, ...parts("Printed on {moment} ({place} time). In US dollars.", { moment: time(new Date().toISOString()), place: place(timeZone) })));
}
