// What was bought, what it cost, where the money is, and the receipt that is printed.

import { addressLines, el, fill, money, place, refill, sum, time, timeZone, words } from "./dom.js";
import { ARRIVED, returnUntil, utcDay, whereItIs } from "./order-head.js";
import { PROMISES } from "./words.js";

const CAUSES = { return: "your return", postage: "the postage of your return", change: "the change", cancellation: "your cancellation", remedy: "what did not arrive", goodwill: "your complaint", payment: "what was paid too much" };
const nothing = (amount) => !amount || amount.amount === "0.00";

export function showGoods(section, order) {
  refill(section, el("h2", { id: "goods-title" }, "What you ordered"), goods(order), ...(order.refunds ?? []).map(showRefund),
    receiptable(order) ? el("button", { type: "button", id: "print", class: "second", onclick: () => print() }, "Print the receipt") : null);
}

function goods(order) {
  const { totals, account } = order;
  const row = (label, amount, name = null) => el("tr", { class: name }, el("th", { scope: "row" }, label), el("td", { class: "number" }, money(amount)));
  return el("table", { class: "goods" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Article"), el("th", { scope: "col", class: "number" }, "Amount"))),
    el("tbody", {}, ...order.lines.map(showLine)),
    el("tfoot", {}, nothing(totals.discount) ? null : row(order.discount ? `Discount ${order.discount.code}, taken off above` : "Discount, taken off above", totals.discount),
      row("Shipping", totals.shipping), row("Duties and fees", totals.duties), row("Total", totals.total, "total"), ...taxes(order.lines).map(({ name, amounts }) => row(name, sum(amounts))),
      totals.ordered.amount === totals.total.amount ? null : row("Ordered at first", totals.ordered),
      nothing(account?.captured) ? null : row("Paid", account.captured),
      nothing(totals.refunded) ? null : row("Paid back or on its way back", totals.refunded)));
}

/** The tax that is included in the lines, by its rate: {name, amounts}. */
function taxes(lines) {
  const found = new Map();
  for (const { tax } of lines) if (tax?.amounts.length) {
    const name = `Included: ${Number(tax.rate)} % tax of ${tax.jurisdiction}, our number ${tax.number}`;
    found.set(name, [...(found.get(name) ?? []), ...tax.amounts]);
  }
  return [...found].map(([name, amounts]) => ({ name, amounts }));
}

/** A line: what it is, how many pieces at which price, and what they cost together. */
function showLine(line) {
  const each = line.quantity ? `${line.quantity} × ${money(line.unit_price)}` : "none left";
  const together = line.paid?.length ? sum(line.paid) : { amount: "0.00", currency: line.unit_price.currency };
  return el("tr", {}, el("td", {}, line.title ?? line.sku, el("span", { class: "each soft" }, each)), el("td", { class: "number" }, money(together)));
}

const showRefund = (refund) => el("p", { class: "small" }, `For ${CAUSES[refund.cause] ?? "your order"}: `, ...whereItIs(refund));

const receiptable = (order) => !nothing(order.account?.captured);

/** The receipt: on paper it is all there is of this page. It names what was promised, and by when. */
export function showReceipt(section, order) {
  if (!receiptable(order)) return fill(section);
  const until = returnUntil(order);
  const promises = (order.commitments ?? []).map((promise) => el("li", {}, `${PROMISES[promise.kind] ?? words(promise.kind)}: by `,
    time(promise.due_at, { zone: promise.zone || timeZone }), ` (${place(promise.zone || timeZone)} time)`,
    promise.stopped_at ? el("span", {}, promise.status === "kept" ? ", kept on " : ", ended on ", time(promise.stopped_at, { zone: promise.zone || timeZone })) : ""));
  return fill(section,
    el("h1", {}, "Receipt"),
    el("p", {}, `Order ${order.number}, placed on `, time(order.placed_at, { style: "day" }), order.payment?.captured_at ? el("span", {}, ", paid on ", time(order.payment.captured_at, { style: "day" })) : "", "."),
    el("p", {}, "Sold by Pledge to ", addressLines(order.delivery).join(", "), "."),
    goods(order),
    el("p", {}, "Shipping, duties and handling fees are borne by us."),
    el("h2", {}, "What we promised"), el("ul", {}, ...promises),
    el("p", {}, until && ARRIVED.includes(order.stage) ? el("span", {}, "Everything can be returned until ", utcDay(until), ".") : `Everything can be returned for ${order.return_policy.days} days after the delivery.`),
    el("p", {}, "Printed on ", time(new Date().toISOString()), ` (${place(timeZone)} time). In US dollars.`));
}
