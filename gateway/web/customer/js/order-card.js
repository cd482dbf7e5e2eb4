// Paying by card: the field is Stripe's own, so that no card number ever is on this page or with us.

import { Problem } from "./api.js";
import { el, fill, find } from "./dom.js";
import { submits, summary } from "./forms.js";
import { t } from "/web/design/texts.js";

const SCRIPT = "{{stripe_script}}";
const LATER = t("Cards cannot be taken just now. Nothing was charged. Please try again in a moment, or write to us.");

/** Load Stripe's script, once. */
const loaded = () => window.Stripe ?? new Promise((done, failed) => {
  const script = el("script", { src: SCRIPT });
  script.addEventListener("load", () => done(window.Stripe));
  script.addEventListener("error", () => failed(new Problem({ status: 0, code: "no_script", detail: LATER })));
  document.head.append(script);
});

/** Show the field for a card in `section`. `paid()` when the bank has agreed; a card that it declined can be replaced. */
export async function takeCard(section, started, amount, paid) {
  const stripe = (await loaded())(started.publishable_key), ink = getComputedStyle(document.body);
  const card = stripe.elements().create("card", { style: { base: { color: ink.color, fontFamily: ink.fontFamily, fontSize: "16px" } } });
  const form = el("form", { class: "card ask", id: "card-form" }, summary(), el("h2", { tabindex: "-1", id: "card-title" }, t("Your card")),
    el("div", { id: "card", class: "card-field", role: "group", "aria-labelledby": "card-title" }),
    el("p", { class: "soft" }, t("Your card's number goes to Stripe, who takes the payment. We never see it.")),
    el("div", { class: "buttons" }, el("button", {}, t("Pay {amount}", { amount }))));
  fill(section, form);
  card.mount(find("#card", form));
  find("#card-title", form).focus();
  submits(form, {
    send: async () => {
      const { error } = await stripe.confirmCardPayment(started.client_secret, { payment_method: { card } });
      if (error) throw new Problem({ status: 0, code: error.code ?? "card", detail: error.message ?? LATER });
    },
    done: paid,
  });
}
