// Withdrawing from the purchase, in two steps: what happens, then the declaration itself. Before the parcel has left,
// that is the cancellation (order-requests.js); after all has come, a return of all that is left; in between, and while
// a part is still to come, we are told.

import { call, keepToken } from "./api.js";
import { el, field, fill, find, time } from "./dom.js";
import { missing, submits, summary } from "./forms.js";
import { dayIsOver, hasArrived, restFollows, returnUntil, returnable, someArrived } from "./order-head.js";
import { parts, t } from "/web/design/texts.js";

const UNDER_WAY = ["dispatched", "in_transit", "customs", "out_for_delivery"];

export function showWithdrawal(section, order, context) {
  const arrived = hasArrived(order), where = howFar(order);
  const lines = returnable(order);
  const possible = lines.length && (arrived ? !dayIsOver(returnUntil(order), order) : where);
  const shown = possible ? `${where} ${JSON.stringify(lines.map((line) => [line.sku, line.left]))}` : "";
  if (section.dataset.shown === shown) return; // do not take a half-made declaration away
  section.dataset.shown = shown;
  fill(section, possible ? el("details", {}, el("summary", {}, t("Withdraw from the purchase")), steps(order, lines, where, context)) : null);
}

/** How far it has come: here; a part is here, or has left and the rest has not; on its way; or still with us. */
function howFar(order) {
  if (hasArrived(order)) return "here";
  if (someArrived(order)) return "partly_here";
  if (restFollows(order)) return "partly_left";
  return UNDER_WAY.includes(order.stage) ? "under_way" : "";
}

const HAPPENS = {
  here: t("Everything that you still have of this order comes back to us, free of charge, and you get back in full what you paid for it."),
  partly_here: t("A part of your order is with you, and the rest is still to come. We note your declaration now. What you have, send back free of charge: ask for the return on this page. A person answers you about the rest."),
  partly_left: t("A part of your order has left us and cannot be stopped. We note your declaration now. When it has come, send it back free of charge: ask for the return on this page. A person answers you about the rest."),
  under_way: t("Your parcel is on its way and cannot be stopped. We note your declaration now. When the parcel has come, send it back free of charge: ask for the return on this page."),
};

function steps(order, lines, where, context) {
  const arrived = where === "here";
  const goods = lines.map((line) => `${line.left} × ${line.title ?? line.sku}`).join(", ");
  const declaration = el("div", {});
  const form = el("form", { id: "withdraw-form" }, summary(),
    el("div", { id: "withdraw-1", class: "stack" }, el("p", {}, HAPPENS[where]),
      field(el("input", { id: "withdraw-name", autocomplete: "name", maxlength: "120", value: order.contact.name }), t("Your name")),
      field(el("input", { id: "withdraw-email", type: "email", autocomplete: "email", maxlength: "254", value: order.contact.email }), t("Where shall we confirm it?"), arrived ? t("The confirmation goes to the address of the order.") : ""),
      el("p", {}, el("button", { type: "button", class: "second", onclick: next }, t("Continue")))),
    el("div", { id: "withdraw-2", class: "stack", hidden: true }, declaration,
      el("div", { class: "buttons" }, el("button", {}, t("Confirm the withdrawal")), el("button", { type: "button", class: "second", onclick: back }, t("Back")))));
  if (arrived) find("#withdraw-email", form).closest(".field").hidden = true; // it goes to the order's own address
  const name = () => find("#withdraw-name", form).value.trim();
  const words = () => t("{name} withdraws from the purchase of order {number}: {goods}.", { name: name(), number: order.number, goods });

  const lacking = () => missing(form, "withdraw-name", "withdraw-email");

  function open(second) {
    find("#withdraw-1", form).hidden = second;
    find("#withdraw-2", form).hidden = !second;
  }

  function turn(second) {
    open(second);
    find(second ? "#withdraw-2 button" : "#withdraw-name", form).focus();
  }

  function next() {
    if (lacking().length) return void form.requestSubmit();
    fill(declaration, el("p", {}, ...parts("You declare: {declaration}", { declaration: el("strong", {}, words()) })));
    return turn(true);
  }

  function back() {
    turn(false);
  }

  submits(form, {
    check: lacking,
    send: async (key) => {
      try {
        return await (arrived ? returnAll(key, words(), lines, context) : tellUs(key, words(), find("#withdraw-email", form).value.trim(), name(), context));
      } catch (problem) {
        if (problem.errors) open(false); // what is to be mended stands in the first step
        throw problem;
      }
    },
    place: (path) => ({ name: "withdraw-name", email: "withdraw-email" })[path] ?? path,
    done: async (made) => {
      if (!arrived) return receive(form, noted(made));
      await context.reload();
      context.say(...confirmed(made));
      return find("#title").focus();
    },
  });
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault(); // the first step declares nothing
    next();
  });
  return form;
}

/** The declaration has arrived: its receipt stands where the form was, so that nothing is declared twice. */
function receive(form, parts) {
  const receipt = el("p", { id: "withdrawn", class: "box good", tabindex: "-1" }, ...parts);
  form.replaceWith(receipt);
  receipt.focus();
}

const returnAll = (key, description, lines, context) => call("POST", "/v1/returns", {
  token: context.token,
  key,
  body: { order_number: context.number, description, lines: lines.map((line) => ({ sku: line.sku, quantity: line.left, reason: "changed_mind" })) },
});

const tellUs = (key, message, email, name, context) => call("POST", "/v1/contact", {
  token: context.token,
  key,
  body: { name, email, category: "aftersales", subject: t("Withdrawal from the purchase of {number}", { number: context.number }), message, order_number: context.number },
});

const confirmed = (made) => [
  ...parts("You have withdrawn from the purchase on {moment}. Your return {number} is with us, and we confirm it by e-mail.", { moment: time(made.dates.requested_at ?? new Date().toISOString()), number: made.number }), " ",
  made.status === "authorized" ? t("You can send the goods now; how is in our e-mail.") : t("We decide within {return_review} and write to you.")];

function noted(receipt) {
  keepToken(receipt.ticket_number, receipt.access_token);
  return [...parts("Your declaration has arrived on {moment}. A person answers you by {by}.", { moment: time(new Date().toISOString()), by: time(receipt.answer_by) }), " ", el("a", { href: `/tickets/${receipt.ticket_number}` }, t("Open the conversation"))];
}
