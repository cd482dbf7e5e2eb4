// What was paid, one payment after the other, and the documents of an order as PDF.

import { call } from "./api.js";
import { el, fill, money, refill, time } from "./dom.js";
import { whereItIs } from "./order-head.js";
import { parts, t } from "/web/design/texts.js";

const nothing = (amount) => !amount || amount.amount === "0.00";

/** Each document that the order has by now: its address, and what it is called. */
function documentsOf(order) {
  return [
    nothing(order.account?.captured) ? null : ["receipt", t("Receipt")],
    (order.shipments ?? []).some((each) => each.dispatched_at) ? ["shipping-confirmation", t("Shipping confirmation")] : null,
    order.refunds?.length ? ["refund-confirmation", t("Refund confirmation")] : null,
    ...(order.refunds ?? []).filter((each) => each.settled_at).map((each) => [`refunds/${each.id}/credit-note`, t("Credit note, {amount}", { amount: money(each.amount) })]),
  ].filter(Boolean);
}

export function showPapers(section, order, context) {
  const papers = documentsOf(order), paid = order.payment?.received || papers.length;
  const shown = JSON.stringify([papers, order.account, order.payment?.received, order.refunds]);
  section.hidden = !paid;
  if (section.dataset.shown === shown) return undefined; // do not take a click or what is open away
  section.dataset.shown = shown;
  if (!paid) return fill(section);
  return refill(section, el("h2", { id: "papers-title" }, t("Payments and documents")), payments(context),
    ...papers.map(([name, title]) => paper(name, title, order, context)));
}

/** The id of the button of a document, for links to it. */
export const idOf = (name) => `paper-${name.replaceAll("/", "-")}`;

/** "credit-note-REF-…" for "refunds/REF-…/credit-note": what it is comes first, as the server has it. */
const fileOf = (name) => name.split("/").slice(-2).reverse().join("-");

function paper(name, title, order, context) {
  const said = el("span", { role: "status", class: "small soft" });
  const button = el("button", { type: "button", class: "second", id: idOf(name) }, `${title} (PDF)`);
  button.addEventListener("click", async () => {
    button.disabled = true;
    fill(said, ` ${t("It is being made…")}`);
    try {
      save(await call("GET", `${context.path}/${name}.pdf`, { token: context.token }), `${fileOf(name)}-${order.number}.pdf`);
      fill(said, ` ${t("It is saved.")}`);
    } catch (problem) {
      fill(said, ` ${problem.message}`);
    }
    button.disabled = false;
    button.focus();
  });
  return el("p", {}, button, said);
}

/** Let the browser save a file (a Blob) under a name. */
function save(file, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: name });
  link.click();
  URL.revokeObjectURL(link.href);
}

/** Every payment and refund, read when it is opened. */
function payments(context) {
  const list = el("div", { class: "stack" });
  const details = el("details", { id: "every-payment" }, el("summary", {}, t("Every payment")), list);
  details.addEventListener("toggle", async () => {
    if (!details.open) return;
    try {
      const { captures, refunds } = await call("GET", `${context.path}/payments`, { token: context.token });
      fill(list, el("ul", {}, ...captures.map(showCapture), ...refunds.map((refund) => el("li", {}, ...whereItIs(refund)))));
    } catch (problem) {
      fill(list, el("p", {}, problem.message));
    }
  });
  return details;
}

const showCapture = (payment) => el("li", {}, ...(payment.received.currency === "USD"
  ? parts("{amount} arrived on {day}.", { amount: money(payment.received), day: time(payment.captured_at, { style: "long" }) })
  : parts("{amount} arrived on {day}. We take US dollars alone; a colleague sends it back.", { amount: money(payment.received), day: time(payment.captured_at, { style: "long" }) })));
