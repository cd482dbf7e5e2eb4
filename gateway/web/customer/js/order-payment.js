// Paying an order that waits for its payment: the first time, or again after a payment that did not go through.

import { Problem, call } from "./api.js";
import { el, fill, find, money, time, words } from "./dom.js";
import { submits, summary } from "./forms.js";
import { takeCard } from "./order-card.js";
import { atTheBank } from "./order-head.js";
import { parts, t } from "/web/design/texts.js";

/** Why a payment did not go through, in the words of those who take it. */
const REASONS = { declined: t("Declined"), card_declined: t("Card declined"), insufficient_funds: t("Insufficient funds"), expired_card: t("Expired card") };

export function showPayment(section, order, context) {
  const payment = order.payment;
  if (order.stage !== "awaiting_payment") {
    delete section.dataset.shown;
    delete section.dataset.card;
    return fill(section);
  }
  const shown = [payment?.id, payment?.status, atTheBank(order), order.expires_at, order.account?.captured.amount].join(" ");
  if (section.dataset.shown === shown || section.dataset.card === payment?.id) return undefined; // do not take a click away
  section.dataset.shown = shown;
  const form = payForm(section, order, context);
  return fill(section, atTheBank(order)
    ? el("details", { class: "card" }, el("summary", {}, t("Pay in another way")),
      el("p", {}, t("Only if you have stopped the first payment at your bank. Should both arrive, the second goes back to you by itself.")), form)
    : form);
}

function payForm(section, order, context) {
  const { payment } = order;
  const play = payment?.provider === "sandbox";
  const failed = payment?.status === "failed";
  const partly = order.account && order.account.captured.amount !== "0.00";
  const asked = partly ? order.account.missing : order.totals.total;
  const form = el("form", { class: atTheBank(order) ? null : "card ask", id: "pay" }, summary(),
    el("h2", {}, failed ? t("Your payment did not go through") : t("Pay your order")),
    failed ? el("p", {}, payment.reason ? `${REASONS[payment.reason] ?? words(payment.reason)}. ` : "",
      partly ? t("This payment was not charged, and your order is kept. You can try again.") : t("Nothing was charged, and your order is kept. You can try again.")) : null,
    partly ? el("p", {}, t("{captured} have arrived; {asked} are missing.", { captured: money(order.account.captured), asked: money(asked) })) : null,
    order.expires_at ? el("p", {}, ...parts("We keep the order for you at least until {moment}.", { moment: time(order.expires_at) })) : null,
    play ? el("p", { class: "soft" }, t("This shop takes play money: no real account is charged.")) : null,
    el("div", { class: "buttons" },
      el("button", { value: "capture" }, failed ? t("Try again: pay {amount}", { amount: money(asked) }) : t("Pay {amount}", { amount: money(asked) })),
      play ? el("button", { value: "decline", class: "second" }, t("Try a card that is declined")) : null));
  let outcome = "capture";
  form.addEventListener("submit", (event) => (outcome = event.submitter?.value ?? "capture"), { capture: true });
  submits(form, {
    send: async (key) => {
      const started = await call("POST", `${context.path}/payments`, { token: context.token, key, body: {} });
      if (!started.publishable_key) return pay(started, outcome);
      section.dataset.card = started.payment_id;
      return takeCard(section, started, money(started.amount), () => {
        delete section.dataset.card;
        fill(section);
        told();
      }).catch((problem) => {
        delete section.dataset.card;
        throw problem;
      });
    },
    done: () => section.dataset.card || told(),
  });
  const told = () => {
    context.say(t("The bank works on your payment. This page tells you as soon as it is decided."));
    find("#title").focus();
  };
  return form;
}

/** Hand over to whoever takes the money: their own page where they have one, the sandbox bank where money is play. */
async function pay(started, outcome) {
  if (started.provider === "sandbox") {
    return call("POST", "/sandbox/payments", { body: { client_secret: started.client_secret, outcome } });
  }
  if (!started.url?.startsWith("https://")) {
    throw new Problem({ status: 0, code: "no_page", detail: t("This payment cannot be made on this page. Please write to us.") });
  }
  location.assign(started.url);
  return started;
}
