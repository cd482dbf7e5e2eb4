// What customers change themselves until the parcel is packed: fewer pieces, or another address. First they see exactly
// what changes and what is paid back by when; then they agree to that, and to nothing else.

import { call } from "./api.js";
import { addressLines, el, field, fill, find, money, time } from "./dom.js";
import { missing, submits, summary } from "./forms.js";

const FIELDS = [["name", "Name", "name"], ["company", "Company (optional)", "organization"], ["line1", "Street and number", "address-line1"], ["line2", "More of the address (optional)", "address-line2"],
  ["postal_code", "Postal code", "postal-code"], ["city", "City or town", "address-level2"], ["region", "State or region", "address-level1"]];
const BARRED = {
  being_packed: "Your parcel is packed, so you cannot change it here any more. Please ask us: a person sees whether it can be opened again.",
  payment_in_question: "A person looks into the payment of this order, so you cannot change it here. Please ask us.",
};
const LATE = { being_packed: "the parcel was packed already", already_dispatched: "the parcel had left us already", change_open: "another change of the order came first", ended: "the order had ended meanwhile" };
const CHANGED = "Your order is changed. We confirm it by e-mail.";
const MOVED = "Your order was changed meanwhile. What you typed is still here: please look again at what it changes.";
const OVERTAKEN = "Your order was changed meanwhile, so what you had begun here cannot be done now. Nothing of it was done.";
const place = (country) => new Intl.DisplayNames(["en"], { type: "region" }).of(country) ?? country;

export function showEdits(section, order, context) {
  const { possible, because } = order.edit;
  const last = (order.changes ?? []).filter((change) => change.own).at(-1);
  const shown = JSON.stringify([possible, because, order.version, last?.id, last?.status]);
  if (section.dataset.shown === shown) return; // do not take a half-made edit away
  section.dataset.shown = shown;
  const kept = begunIn(section);
  const waits = last?.status === "accepted";
  if (last && section.dataset.waits === last.id && !waits) context.say(...(last.status === "applied" ? [CHANGED] : []));
  section.dataset.waits = waits ? last.id : "";
  const late = last?.status === "stale" && LATE[last.because];
  fill(section,
    waits ? el("p", { class: "box", id: "edit-waits" }, "We ask the warehouse whether your change comes in time. This page shows it, and we write to you.") : null,
    late ? el("p", { class: "box ask", id: "edit-late" }, "Your change of ", time(last.created_at), ` came too late: ${late}. Nothing was changed. Please ask us if it matters.`) : null,
    !late && BARRED[because] ? el("p", { class: "soft small", id: "edit-barred" }, BARRED[because]) : null,
    possible ? el("details", { id: "edit-lines" }, el("summary", {}, "Take something out"), linesForm(order, context)) : null,
    possible ? el("details", { id: "edit-address" }, el("summary", {}, "Send it to another address"), addressForm(order, context)) : null);
  if (kept) takeUp(section, kept, possible ? MOVED : OVERTAKEN);
}

/** What somebody has begun in the forms and not sent: what is open, and what they typed. Null if there is nothing. */
function begunIn(section) {
  const forms = [...section.querySelectorAll("details[open] form")].filter((form) => !form.dataset.sent);
  const typed = forms.flatMap((form) => [...form.elements]).filter((control) => control.id && control.value !== control.defaultValue);
  if (!typed.length) return null;
  return { open: forms.map((form) => form.parentElement.id), typed: typed.map(({ id, value }) => [id, value]), focused: section.contains(document.activeElement) };
}

/** The order has moved on: say so, and keep what was typed as far as there is a place for it. */
function takeUp(section, { open, typed, focused }, words) {
  const notice = el("p", { class: "box ask", id: "edit-moved", role: "status", tabindex: "-1" }, words);
  section.prepend(notice);
  for (const id of open) find(`#${id}`, section)?.setAttribute("open", "");
  for (const [id, value] of typed) Object.assign(find(`#${id}`, section) ?? {}, { value });
  if (focused) notice.focus();
}

function linesForm(order, context) {
  const bought = new Map();
  for (const line of order.lines) if (line.quantity) bought.set(line.sku, { title: line.title, had: line.quantity + (bought.get(line.sku)?.had ?? 0) });
  const lines = [...bought].map(([sku, line], index) => ({ sku, id: `edit-${index}`, ...line }));
  const pieces = ({ id }, form) => find(`#${id}`, form).value.trim();
  return twoSteps("edit-lines-form", order, context, {
    about: "How many pieces do you want to keep? What you paid for the others goes back to you. To give up all of it, cancel the order.",
    fields: lines.map(({ id, title, had }) => field(el("input", { id, type: "number", min: "0", max: String(had), value: String(had), inputmode: "numeric", autocomplete: "off" }), title, `You ordered ${had}.`)),
    check: (form) => lines.filter((line) => !/^\d+$/.test(pieces(line, form)) || Number(pieces(line, form)) > line.had)
      .map(({ id, title, had }) => ({ id, label: title, message: `Please give a whole number from 0 to ${had}.` })),
    body: (form) => ({ kind: "lines", lines: lines.map((line) => ({ sku: line.sku, quantity: Number(pieces(line, form)) })) }),
    place: () => null,
  });
}

function addressForm(order, context) {
  const { delivery } = order;
  return twoSteps("edit-address-form", order, context, {
    about: `The parcel goes to ${place(delivery.country)}. For another country, please ask us.`,
    fields: FIELDS.map(([name, label, autocomplete]) => field(el("input", { id: `edit-to-${name}`, autocomplete, maxlength: name === "postal_code" ? "20" : "120", value: delivery[name] ?? "" }), label)),
    check: (form) => missing(form, "edit-to-name", "edit-to-line1"),
    body: (form) => ({ kind: "address", delivery: Object.fromEntries([["country", delivery.country], ...FIELDS.map(([name]) => [name, find(`#edit-to-${name}`, form).value.trim()])]) }),
    place: (path) => (path.startsWith("delivery.") ? `edit-to-${path.split(".").pop()}` : null),
  });
}

/** A form of two steps: what is wished, and after a look at what that means, the edit itself. */
function twoSteps(id, order, context, { about, fields, check, body, place: at }) {
  let seen = null;
  const first = el("div", { class: "stack" }, el("p", {}, about), ...fields, el("p", {}, el("button", { class: "second" }, "See what changes")));
  const second = el("div", { class: "stack", hidden: true, tabindex: "-1" });
  const form = el("form", { id }, summary(), first, second);

  function turn(preview) {
    seen = preview;
    [first.hidden, second.hidden] = [Boolean(seen), !seen];
    fill(second, ...(seen ? means(seen, () => turn(null)) : []));
    (seen ? second : find("input", first)).focus();
  }

  submits(form, {
    check: () => (seen ? [] : check(form)),
    send: async (key) => {
      if (!seen) return call("POST", `${context.path}/edits/preview`, { token: context.token, body: body(form) });
      form.dataset.sent = "sent"; // what moves now is what it does itself
      try {
        return await call("POST", `${context.path}/edits`, { token: context.token, key, body: { ...body(form), digest: seen.digest } });
      } catch (problem) {
        delete form.dataset.sent;
        if (problem.status === 409) await context.reload(); // what stands in its way may take this form away
        if (!form.isConnected && !find("#edit-moved")) fill(find("#said"), el("p", { class: "box bad" }, `${problem.message} Nothing was changed.`));
        throw problem;
      }
    },
    place: at,
    done: async (answer) => {
      if (answer.lines_after) { // a preview, whatever was pressed meanwhile
        context.say();
        return turn(answer);
      }
      await context.reload();
      if (!find("#edit-late")) context.say(find("#edit-waits") ? "We ask the warehouse whether your change comes in time." : CHANGED);
      return find("#title").focus();
    },
  });
  return form;
}

/** Exactly what the edit does, and the buttons. */
function means(seen, back) {
  const lines = seen.lines_after.map((line) => el("li", {}, `${line.quantity} × ${line.title}`));
  const refund = seen.refund_by ? [el("dt", {}, "Paid back"), el("dd", {}, money(seen.refund), " to your original means of payment, by ", time(seen.refund_by, { style: "long" }))] : [el("dt", {}, "Paid back"), el("dd", {}, "nothing")];
  return [el("p", {}, el("strong", {}, "This changes:"), " ", seen.summary),
    el("dl", { class: "edit-means" }, el("dt", {}, "Your order is then"), el("dd", {}, el("ul", {}, ...lines)),
      el("dt", {}, "Goes to"), el("dd", {}, addressLines(seen.delivery).join(", ")), el("dt", {}, "Costs"), el("dd", {}, money(seen.total_after)), ...refund),
    seen.asks_warehouse ? el("p", { class: "soft small" }, "The warehouse has your order. If it is faster than you, nothing is changed, and we tell you.") : null,
    el("div", { class: "buttons" }, el("button", {}, "Change my order"), el("button", { type: "button", class: "second", onclick: back }, "Back"))].filter(Boolean);
}
