// What the customer may ask for: a return, unit by unit and with a reason each; cancelling.

import { call } from "./api.js";
import { el, field, fill, find } from "./dom.js";
import { asEvidence, filesField, takesFiles } from "./files.js";
import { submits, summary } from "./forms.js";
import { hasArrived, returnableNow, someArrived } from "./order-head.js";
import { showMade } from "./order-returns.js";
import { t, tn } from "/web/design/texts.js";

const REASONS = {
  changed_mind: t("I changed my mind"),
  not_as_described: t("Not as described"),
  defective: t("It does not work"),
  damaged: t("It arrived damaged"),
  wrong_item: t("Wrong article"),
  missing_parts: t("Parts are missing"),
  arrived_late: t("It came too late"),
  other: t("Something else"),
};
const CANCELLABLE = ["awaiting_payment", "in_review", "contacting_you", "preparing"];

export function showReturns(section, order, context) {
  const list = find("#returns-made", section) ?? el("div", { id: "returns-made", class: "stack" });
  if (!list.isConnected) section.append(list);
  showMade(list, order, context);
  const left = returnableNow(order);
  const possible = someArrived(order) && left.length;
  section.hidden = !possible && !(order.returns ?? []).length;
  const marked = JSON.stringify([hasArrived(order), left.map((line) => [line.sku, line.left])]);
  const form = find("#return", section);
  if (form && possible && form.dataset.left === marked) return;
  form?.closest("details").remove();
  if (possible) section.append(el("details", { id: "return-box" }, el("summary", {}, t("Return something")), returnForm(left, marked, hasArrived(order), context)));
}

function returnForm(lines, marked, allHere, context) {
  const choices = lines.map((line, index) => el("fieldset", {},
    el("legend", {}, line.title ?? line.sku),
    field(el("input", { id: `quantity-${index}`, type: "number", min: "0", max: String(line.left), value: "0", inputmode: "numeric" }),
      t("How many pieces?"), line.left === line.quantity ? t("You bought {quantity}.", { quantity: line.quantity }) : t("{left} of the {quantity} that you bought can still come back.", { left: line.left, quantity: line.quantity })),
    field(el("select", { id: `reason-${index}` }, ...Object.entries(REASONS).map(([code, text]) => el("option", { value: code }, text))), t("Why?"))));
  const form = el("form", { id: "return", "data-left": marked }, summary(),
    el("p", {}, t("You can return everything for {return_days} days after the delivery. Once it has arrived and is checked, you get back in full what you paid for it.")),
    allHere ? null : el("p", {}, t("A part of your order is still to come. When it is with you, you can ask for its return here, too.")),
    ...choices,
    el("fieldset", {}, el("legend", {}, t("What would you like?")),
      wish("refund", t("The money, within {refund} after we have checked the goods."), true),
      wish("exchange", t("The same again, free of charge; the carrier has it within {dispatch} after we have checked the goods. If none is left then, we pay you back."))),
    field(el("textarea", { id: "description", maxlength: "4000" }), t("Anything else we should know? (optional)")),
    filesField("photos", t("Photos (optional)")),
    el("button", {}, t("Ask for the return")));
  const files = takesFiles(find(".field:has(#photos)", form), { token: () => context.token, pasteIn: form });
  const asked = () => lines
    .map((line, index) => ({ sku: line.sku, quantity: Number(find(`#quantity-${index}`, form).value), reason: find(`#reason-${index}`, form).value }))
    .filter((line) => line.quantity !== 0);
  submits(form, {
    check: () => wrongNumbers(form, lines) ?? (asked().length ? files.wrong() : [{ id: "quantity-0", message: t("Please say how many pieces.") }]),
    send: async (key) => {
      const photos = asEvidence(await files.ids());
      return call("POST", "/v1/returns", {
        token: context.token,
        key,
        body: { order_number: context.number, outcome: new FormData(form).get("outcome"), lines: asked(), description: find("#description", form).value, ...(photos.length && { evidence: photos }) },
      });
    },
    place: (path) => place(path, lines, asked()),
    draft: `return-${context.number}`,
    done: async (made) => {
      form.reset();
      files.clear();
      form.closest("details").open = false;
      await context.reload();
      const next = made.status === "authorized" ? t("You can send the goods now; how is in our e-mail.") : t("We decide within {return_review} and write to you.");
      context.say(`${t("Your return {number} is with us.", { number: made.number })} ${next}`);
      find("#title").focus();
    },
  });
  return form;
}

const wish = (value, text, checked = false) => el("div", { class: "choice" },
  el("input", { type: "radio", name: "outcome", id: `outcome-${value}`, value, checked }), el("label", { for: `outcome-${value}` }, text));

/** What is no number of pieces that can come back, in plain words; null when all are. */
function wrongNumbers(form, lines) {
  const wrong = lines.flatMap((line, index) => {
    const control = find(`#quantity-${index}`, form);
    const [typed, label] = [control.value.trim(), line.title ?? line.sku];
    if (control.validity.badInput || !/^[0-9]*$/.test(typed)) return [{ id: control.id, label, message: t("Please give a whole number, such as 1.") }];
    if (Number(typed) <= line.left) return [];
    return [{ id: control.id, label, message: tn("Only {n} piece can come back.", "At most {n} pieces can come back.", line.left) }];
  });
  return wrong.length ? wrong : null;
}

/** "lines.0.quantity" → the control of the line that was meant. */
function place(path, lines, asked) {
  const [list, index, name] = path.split(".");
  if (list !== "lines" || !asked[index]) return path;
  return `${name === "reason" ? "reason" : "quantity"}-${lines.findIndex((line) => line.sku === asked[index].sku)}`;
}

export function showCancel(section, order, context) {
  const left = (order.shipments ?? []).some((shipment) => shipment.dispatched_at && shipment.status !== "recalled"); // another may be prepared, in exchange
  const possible = CANCELLABLE.includes(order.stage) && !left;
  const form = find("form", section);
  if (!possible) return fill(section);
  if (form) return undefined;
  return fill(section, el("details", {}, el("summary", {}, t("Cancel the order")), cancelForm(context)));
}

function cancelForm(context) {
  const form = el("form", { id: "cancel-form" }, summary(),
    el("p", {}, t("You withdraw from the purchase. If your parcel has not left us yet, we hold it back and return the full amount.")),
    field(el("textarea", { id: "reason", maxlength: "500" }), t("Why? (optional)")),
    el("button", { class: "second" }, t("Cancel the order")));
  submits(form, {
    draft: `cancel-${context.number}`,
    send: (key) => {
      const reason = find("#reason", form).value.trim();
      return call("POST", `${context.path}/cancellation`, { token: context.token, key, body: reason ? { reason } : {} });
    },
    done: async (answer) => {
      await context.reload();
      context.say(typeof answer.next === "string" ? answer.next : t("We have received your wish to cancel."));
      find("#title").focus();
    },
  });
  return form;
}
