// A parcel that does not arrive: send again, pay back, or wait. The customer chooses; nothing is decided by silence.

import { call } from "./api.js";
import { el, fill, find, money, time } from "./dom.js";
import { submits, summary } from "./forms.js";
import { parts, t } from "/web/design/texts.js";

const DONE = {
  resend: t("Thank you. We send the goods again, and tell you when they leave."),
  refund: t("Thank you. Your money is on its way back to your original means of payment."),
  wait: t("Thank you. If the parcel does not come, we ask you again."),
};
const WAITS = "awaiting_customer";
const ASKED = { lang: "en" }; // what is agreed to stays in the words that the record keeps

export function showRemedies(section, order, context) {
  const settled = ["withdrawn", "stale"];
  const remedies = (order.remedies ?? []).filter((remedy) => !settled.includes(remedy.status));
  const shown = remedies.map((remedy) => `${remedy.id} ${remedy.status}`).join();
  if (section.dataset.shown === shown) return; // do not take a half-made choice away
  section.dataset.shown = shown;
  fill(section, ...remedies.map((remedy, place) => (remedy.status === WAITS ? remedyForm(remedy, place, context) : decided(remedy))));
}

function decided(remedy) {
  const told = {
    waiting: parts("You chose to wait for your parcel. If it does not come, we ask you again by {moment}.", { moment: time(remedy.due_at) }),
    resent: [t("What did not arrive is sent again, as you chose.")],
    refunded: [t("What did not arrive is paid back, as you chose.")],
  };
  return el("p", { class: "box remedy" }, ...(told[remedy.status] ?? []));
}

function remedyForm(remedy, place, context) {
  const name = `remedy-${place}`;
  const choices = remedy.options.map((option, index) =>
    el("div", { class: "choice" },
      el("input", { type: "radio", name, id: `${name}-${index}`, value: option.option }),
      el("label", { for: `${name}-${index}` }, el("span", ASKED, option.label), Number(option.refund.amount) && !option.label.includes(option.refund.amount) ? ` ${t("(refund {amount})", { amount: money(option.refund) })}` : "")));
  const form = el("form", { class: "card ask remedy" }, summary(),
    el("h2", {}, t("Your parcel does not arrive: what shall we do?")),
    el("p", ASKED, remedy.summary),
    el("p", {}, t("Nothing is decided before you choose.")),
    el("fieldset", {}, el("legend", {}, t("Please choose")), el("p", { class: "error", id: `${name}-0-error`, hidden: true }), ...choices),
    el("div", { class: "buttons" }, el("button", {}, t("Do this"))));
  const chosen = () => find(`input[name=${name}]:checked`, form)?.value;
  submits(form, {
    check: () => (chosen() ? [] : [{ id: `${name}-0`, message: t("Please choose what we shall do.") }]),
    send: (key) => call("POST", `${context.path}/remedy`, {
      token: context.token,
      key,
      body: { option: chosen(), digest: remedy.digest },
    }),
    done: async () => {
      const said = DONE[chosen()];
      await context.reload();
      context.say(said);
      find("#title").focus();
    },
  });
  return form;
}
