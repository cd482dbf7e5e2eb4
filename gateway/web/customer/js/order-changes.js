// A change request: exactly what would change, and the customer's answer. Nothing changes without it.

import { call } from "./api.js";
import { el, fill, find, time } from "./dom.js";
import { submits, summary } from "./forms.js";
import { parts, t } from "/web/design/texts.js";

export function showChanges(section, order, context) {
  const open = (order.changes ?? []).filter((change) => change.status === "awaiting_customer");
  const shown = open.map((change) => change.id).join();
  if (section.dataset.shown === shown) return; // do not take a half-made choice away
  section.dataset.shown = shown;
  fill(section, ...open.map((change) => changeForm(change, context)));
}

function changeForm(change, context) {
  const several = change.options.length > 1;
  const choices = change.options.map((option, index) =>
    el("div", { class: "choice" },
      el("input", { type: "radio", name: "option", id: `option-${index}`, value: option.option, checked: !several }),
      el("label", { for: `option-${index}` }, option.label)));
  const form = el("form", { class: "card ask change" }, summary(),
    el("h2", {}, t("We need your decision")),
    el("p", {}, change.summary),
    el("p", {}, t("Your order stays exactly as it is until you accept."), " ", change.expires_at ? el("span", {}, ...parts("Please answer by {moment}.", { moment: time(change.expires_at) })) : null),
    el("fieldset", {}, el("legend", {}, t("What shall we do?")), el("p", { class: "error", id: "option-0-error", hidden: true }), ...choices),
    el("div", { class: "buttons" },
      el("button", { value: "accept" }, t("Accept this")),
      el("button", { value: "decline", class: "second" }, t("Decline all"))));
  let decision = "accept";
  form.addEventListener("submit", (event) => (decision = event.submitter?.value ?? "accept"), { capture: true });
  const chosen = () => find("input[name=option]:checked", form)?.value;
  submits(form, {
    check: () => (decision === "decline" || chosen() ? [] : [{ id: "option-0", label: t("What shall we do?"), message: t("please choose.") }]),
    send: (key) => call("POST", `/v1/changes/${change.id}/answer`, {
      token: context.token,
      key,
      body: { decision, digest: change.digest, ...(decision === "accept" && { option: chosen() }) },
    }),
    done: async () => {
      await context.reload();
      context.say(decision === "accept" ? t("Thank you. We do as you decided.") : t("Thank you. Your order stays as it was."));
      find("#title").focus();
    },
  });
  return form;
}
