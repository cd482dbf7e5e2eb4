// A change request: exactly what would change, and the customer's answer. Nothing changes without it.

import { call, keptToken } from "./api.js";
import { el, fill, find, time } from "./dom.js";
import { missing, submits, summary } from "./forms.js";
import { byCode, codeField, mailCode, whyCode } from "./order-edits.js";
import { ACCOUNT } from "./sign-in.js";
import { parts, t } from "/web/design/texts.js";

/** What is agreed to stays in the words that the record keeps. */
const ASKED = { lang: "en" };

export function showChanges(section, order, context) {
  const open = (order.changes ?? []).filter((change) => change.status === "awaiting_customer");
  const shown = open.map((change) => change.id).join();
  if (section.dataset.shown === shown) return; // do not take a half-made choice away
  section.dataset.shown = shown;
  fill(section, ...open.map((change) => changeForm(change, order, context)));
}

function changeForm(change, order, context) {
  const several = change.options.length > 1;
  const choices = change.options.map((option, index) =>
    el("div", { class: "choice" },
      el("input", { type: "radio", name: "option", id: `option-${index}`, value: option.option, checked: !several }),
      el("label", { for: `option-${index}`, ...ASKED }, option.label)));
  const proof = el("div", { class: "stack", hidden: true });
  let asked = null; // the code that was asked for: another address wants the order's mailbox
  const form = el("form", { class: "card ask change" }, summary(),
    el("h2", {}, t("We need your decision")),
    el("p", ASKED, change.summary),
    el("p", {}, t("Your order stays exactly as it is until you accept."), " ", change.expires_at ? el("span", {}, ...parts("Please answer by {moment}.", { moment: time(change.expires_at) })) : null),
    el("fieldset", {}, el("legend", {}, t("What shall we do?")), el("p", { class: "error", id: "option-0-error", hidden: true }), ...choices),
    proof,
    el("div", { class: "buttons" },
      el("button", { value: "accept" }, t("Accept this")),
      el("button", { value: "decline", class: "second" }, t("Decline all"))));
  let decision = "accept";
  form.addEventListener("submit", (event) => (decision = event.submitter?.value ?? "accept"), { capture: true });
  const chosen = () => find("input[name=option]:checked", form)?.value;
  const answer = (token, key) => call("POST", `/v1/changes/${change.id}/answer`, {
    token,
    key,
    body: { decision, digest: change.digest, ...(decision === "accept" && { option: chosen() }) },
  });

  function wantCode(request) {
    asked = request;
    proof.hidden = !asked;
    fill(proof, ...(asked ? [whyCode(), codeField("change-code"), el("p", {}, el("button", { type: "button", class: "second", onclick: () => wantCode(null) }, t("Back")))] : []));
    find("#change-code", proof)?.focus();
  }

  const answerByCode = (key) => byCode({ email: order.contact.email, request: asked, code: find("#change-code", form).value.trim() }, (as) => answer(as, key), () => wantCode(null));

  submits(form, {
    check: () => {
      if (decision === "decline") return [];
      if (!chosen()) return [{ id: "option-0", label: t("What shall we do?"), message: t("please choose.") }];
      return asked ? missing(form, "change-code") : [];
    },
    send: async (key) => {
      if (decision === "accept" && asked) return answerByCode(key);
      try {
        return await answer(context.token, key);
      } catch (problem) {
        if (problem.code !== "mailbox_not_proven") throw problem;
        const account = keptToken(ACCOUNT); // who is signed in here as the order's customer needs no code
        return (account && await answer(account, key).catch(() => null)) || mailCode(order);
      }
    },
    place: (path) => (path === "code" ? "change-code" : path.split(".").pop()),
    done: async (said) => {
      if (said.request) return wantCode(said.request);
      await context.reload();
      context.say(decision === "accept" ? t("Thank you. We do as you decided.") : t("Thank you. Your order stays as it was."));
      find("#title").focus();
    },
  });
  return form;
}
