// What the review found to be cleared up with the customer, and a place to answer it here.

import { call, keepToken } from "./api.js";
import { el, field, fill, find, time } from "./dom.js";
import { missing, submits, summary } from "./forms.js";
import { parts, t } from "/web/design/texts.js";

const DOUBTS = {
  order_info: t("what you ordered"),
  payment: t("your payment"),
  delivery: t("your delivery address, or how we reach you by phone"),
};

export function showQuestion(section, order, context) {
  if (order.stage !== "contacting_you") return fill(section);
  if (find("form", section)) return undefined; // do not take away what is being typed
  return fill(section, questionForm(order, context));
}

/** The checks whose latest result is that something is wrong. */
function doubts(order) {
  const latest = new Map((order.review?.checks ?? []).map((check) => [check.check, check.result]));
  return [...latest].filter(([, result]) => result === "failed").map(([check]) => DOUBTS[check] ?? t("your order"));
}

function questionForm(order, context) {
  const about = doubts(order).join("; ") || t("your order");
  const form = el("form", { class: "card ask", id: "question" }, summary(),
    el("h2", {}, t("We need to hear from you")),
    el("p", {}, t("While checking your order we found something to clear up with you: {about}. We also write to you about it by e-mail. Answer there, or here.", { about })),
    el("p", {}, t("Your order stays as it is; nothing is changed or cancelled without you.")),
    field(el("textarea", { id: "answer", maxlength: "10000", required: true }), t("Your answer")),
    el("button", {}, t("Send the answer")));
  submits(form, {
    check: () => missing(form, "answer"),
    draft: `question-${context.number}`,
    send: (key) => call("POST", "/v1/contact", {
      token: context.token,
      key,
      body: {
        name: order.contact.name,
        email: order.contact.email,
        category: "order",
        subject: t("Your question about order {number}", { number: context.number }),
        message: find("#answer", form).value.trim(),
        order_number: context.number,
      },
    }),
    place: (path) => (path === "message" ? "answer" : path),
    done: (receipt) => {
      keepToken(receipt.ticket_number, receipt.access_token);
      find("#answer", form).value = "";
      context.say(...parts("Your answer is with us. A person reads it by {moment}.", { moment: time(receipt.answer_by) }), " ",
        el("a", { href: `/tickets/${receipt.ticket_number}` }, t("Open the conversation")));
      find("#title").focus();
    },
  });
  return form;
}
