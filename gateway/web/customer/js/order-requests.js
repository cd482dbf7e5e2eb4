// What the customer may ask for: a return, unit by unit and with a reason each; cancelling.

import { call } from "./api.js";
import { el, field, fill, find, money, time, words } from "./dom.js";
import { submits, summary } from "./forms.js";

const REASONS = {
  changed_mind: "I changed my mind",
  not_as_described: "Not as described",
  defective: "It does not work",
  damaged: "It arrived damaged",
  wrong_item: "Wrong article",
  missing_parts: "Parts are missing",
  arrived_late: "It came too late",
  other: "Something else",
};
const RETURNABLE = ["delivered", "completed"];
const CANCELLABLE = ["awaiting_payment", "in_review", "contacting_you", "preparing"];
const MESSAGES = {
  requested: "We look at it now.",
  needs_info: "We have a question; please see our e-mail.",
  authorized: "Accepted: please send the goods.",
  rejected: "Not accepted.",
};

export function showReturns(section, order, context) {
  const made = (order.returns ?? []).map(showReturn);
  const list = find("#returns-made", section) ?? el("div", { id: "returns-made" });
  fill(list, made.length ? el("h2", {}, "Your returns") : null, ...made);
  if (!list.isConnected) section.append(list);
  const possible = RETURNABLE.includes(order.stage);
  const form = find("form", section);
  if (!possible) form?.closest("details").remove();
  else if (!form) section.append(el("details", {}, el("summary", {}, "Return something"), returnForm(order, context)));
}

function showReturn(item) {
  const to = item.instructions;
  return el("article", { class: "message" },
    el("h3", {}, `${item.number}: ${words(item.status)}`),
    el("p", {}, MESSAGES[item.status] ?? ""),
    item.rejection ? el("p", {}, item.rejection.explanation) : null,
    item.status === "authorized" && to
      ? el("p", {}, "Send it to: ", [to.name, to.line1, to.line2, to.postal_code, to.city, to.country].filter(Boolean).join(", "),
          item.send_by ? ", by " : "", item.send_by ? time(item.send_by, { dateOnly: true }) : "", ".")
      : null,
    item.refund?.claims?.length ? el("p", {}, `Refund ${money(item.refund.amount)}, of which ${money(item.refund.settled)} has arrived.`) : null);
}

function returnForm(order, context) {
  const lines = order.lines.filter((line) => line.quantity > 0);
  const choices = lines.map((line, index) => el("fieldset", {},
    el("legend", {}, line.title ?? line.sku),
    field(el("input", { id: `quantity-${index}`, type: "number", min: "0", max: String(line.quantity), value: "0", inputmode: "numeric" }),
      "How many pieces?", `You bought ${line.quantity}.`),
    field(el("select", { id: `reason-${index}` }, ...Object.entries(REASONS).map(([code, text]) => el("option", { value: code }, text))), "Why?")));
  const form = el("form", { id: "return" }, summary(),
    el("p", {}, "You can return everything for {{return_days}} days after the delivery. Once it has arrived and is checked, you get back in full what you paid for it."),
    ...choices,
    field(el("textarea", { id: "description", maxlength: "4000" }), "Anything else we should know? (optional)"),
    el("button", {}, "Ask for the return"));
  const asked = () => lines
    .map((line, index) => ({ sku: line.sku, quantity: Number(find(`#quantity-${index}`, form).value), reason: find(`#reason-${index}`, form).value }))
    .filter((line) => line.quantity !== 0);
  submits(form, {
    check: () => (asked().length ? [] : [{ id: "quantity-0", message: "Please say how many pieces." }]),
    send: (key) => call("POST", "/v1/returns", {
      token: context.token,
      key,
      body: { order_number: context.number, lines: asked(), description: find("#description", form).value },
    }),
    place: (path) => place(path, lines, asked()),
    done: async (made) => {
      form.reset();
      form.closest("details").open = false;
      await context.reload();
      const next = made.status === "authorized" ? "You can send the goods now; how is in our e-mail." : "We decide within {{return_review}} and write to you.";
      context.say(`Your return ${made.number} is with us. ${next}`);
      find("#title").focus();
    },
  });
  return form;
}

/** "lines.0.quantity" → the control of the line that was meant. */
function place(path, lines, asked) {
  const [list, index, name] = path.split(".");
  if (list !== "lines" || !asked[index]) return path;
  return `${name === "reason" ? "reason" : "quantity"}-${lines.findIndex((line) => line.sku === asked[index].sku)}`;
}

export function showCancel(section, order, context) {
  const possible = CANCELLABLE.includes(order.stage);
  const form = find("form", section);
  if (!possible) return fill(section);
  if (form) return undefined;
  return fill(section, el("details", {}, el("summary", {}, "Cancel the order"), cancelForm(context)));
}

function cancelForm(context) {
  const form = el("form", { id: "cancel-form" }, summary(),
    el("p", {}, "If your parcel has not left us yet, we hold it back and return the full amount."),
    field(el("textarea", { id: "reason", maxlength: "500" }), "Why? (optional)"),
    el("button", { class: "second" }, "Cancel the order"));
  submits(form, {
    send: (key) => {
      const reason = find("#reason", form).value.trim();
      return call("POST", `${context.path}/cancellation`, { token: context.token, key, body: reason ? { reason } : {} });
    },
    done: async (answer) => {
      await context.reload();
      context.say(typeof answer.next === "string" ? answer.next : "We have received your wish to cancel.");
      find("#title").focus();
    },
  });
  return form;
}
