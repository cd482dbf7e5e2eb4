// What customers change themselves until the parcel is packed: fewer pieces, or another address. First they see exactly
// what changes and what is paid back by when; then they agree to that, and to nothing else.

import { call, keptToken, signIn, signOut } from "./api.js";
import { addressLines, el, field, fill, find, money, time } from "./dom.js";
import { missing, submits, summary } from "./forms.js";
import { ACCOUNT } from "./sign-in.js";
import { language, parts, t } from "/web/design/texts.js";

const FIELDS = [["name", t("Name"), "name"], ["company", t("Company (optional)"), "organization"], ["line1", t("Street and number"), "address-line1"], ["line2", t("More of the address (optional)"), "address-line2"],
  ["postal_code", t("Postal code"), "postal-code"], ["city", t("City or town"), "address-level2"], ["region", t("State or region"), "address-level1"]];
const BARRED = {
  being_packed: t("Your parcel is packed, so you cannot change it here any more. Please ask us: a person sees whether it can be opened again."),
  payment_in_question: t("A person looks into the payment of this order, so you cannot change it here. Please ask us."),
};
const LATE = { being_packed: t("the parcel was packed already"), already_dispatched: t("the parcel had left us already"), change_open: t("another change of the order came first"), ended: t("the order had ended meanwhile") };
const CHANGED = t("Your order is changed. We confirm it by e-mail.");
const MOVED = t("Your order was changed meanwhile. What you typed is still here: please look again at what it changes.");
const OVERTAKEN = t("Your order was changed meanwhile, so what you had begun here cannot be done now. Nothing of it was done.");
const place = (country) => new Intl.DisplayNames([language], { type: "region" }).of(country) ?? country;
let begun = null; // what was typed, while there is no form for it

export function showEdits(section, order, context) {
  const { possible, because } = order.edit;
  const last = (order.changes ?? []).filter((change) => change.own).at(-1);
  const shown = JSON.stringify([possible, because, order.version, last?.id, last?.status]);
  if (section.dataset.shown === shown) return; // do not take a half-made edit away
  section.dataset.shown = shown;
  begun = begunIn(section) ?? begun;
  const focused = section.contains(document.activeElement);
  const waits = last?.status === "accepted";
  if (last && section.dataset.waits === last.id && !waits) context.say(...(last.status === "applied" ? [CHANGED] : []));
  section.dataset.waits = waits ? last.id : "";
  const late = last?.status === "stale" && LATE[last.because];
  fill(section,
    waits ? el("p", { class: "box", id: "edit-waits" }, t("We ask the warehouse whether your change comes in time. This page shows it, and we write to you.")) : null,
    late ? el("p", { class: "box ask", id: "edit-late" }, ...parts("Your change of {moment} came too late: {because}. Nothing was changed. Please ask us if it matters.", { moment: time(last.created_at), because: late })) : null,
    !late && BARRED[because] ? el("p", { class: "soft small", id: "edit-barred" }, BARRED[because]) : null,
    possible ? el("details", { id: "edit-lines" }, el("summary", {}, t("Take something out")), linesForm(order, context)) : null,
    possible ? el("details", { id: "edit-address" }, el("summary", {}, t("Send it to another address")), addressForm(order, context)) : null);
  if (begun) takeUp(section, begun, focused, possible ? MOVED : OVERTAKEN);
  if (possible) begun = null; // the forms have it again
}

/** What somebody has begun in the forms and not sent: what is open, and what they typed. Null if there is nothing. */
function begunIn(section) {
  const forms = [...section.querySelectorAll("details[open] form")].filter((form) => !form.dataset.sent);
  const typed = forms.flatMap((form) => [...form.elements]).filter((control) => control.id && control.value !== control.defaultValue);
  if (!typed.length) return null;
  return { open: forms.map((form) => form.parentElement.id), typed: typed.map((control) => [nameOf(control), control.value]) };
}

/** What finds a control again. Pieces are of an article: its line may have another number by then. */
const nameOf = ({ id, dataset }) => (dataset.sku ? `[data-sku="${CSS.escape(dataset.sku)}"]` : `#${id}`);

/** The order has moved on: say so, and keep what was typed as far as there is a place for it. */
function takeUp(section, { open, typed }, focused, words) {
  const notice = el("p", { class: "box ask", id: "edit-moved", role: "status", tabindex: "-1" }, words);
  section.prepend(notice);
  for (const id of open) find(`#${id}`, section)?.setAttribute("open", "");
  for (const [name, value] of typed) Object.assign(find(name, section) ?? {}, { value });
  if (focused) notice.focus();
}

function linesForm(order, context) {
  const bought = new Map();
  for (const line of order.lines) if (line.quantity) bought.set(line.sku, { title: line.title, had: line.quantity + (bought.get(line.sku)?.had ?? 0) });
  const lines = [...bought].map(([sku, line], index) => ({ sku, id: `edit-${index}`, ...line }));
  const pieces = ({ id }, form) => find(`#${id}`, form).value.trim();
  return twoSteps("edit-lines-form", order, context, {
    about: t("How many pieces do you want to keep? What you paid for the others goes back to you. To give up all of it, cancel the order."),
    fields: lines.map(({ sku, id, title, had }) => field(el("input", { id, "data-sku": sku, type: "number", min: "0", max: String(had), value: String(had), inputmode: "numeric", autocomplete: "off" }), title, t("You ordered {had}.", { had }))),
    check: (form) => lines.filter((line) => !/^\d+$/.test(pieces(line, form)) || Number(pieces(line, form)) > line.had)
      .map(({ id, title, had }) => ({ id, label: title, message: t("Please give a whole number from 0 to {had}.", { had }) })),
    body: (form) => ({ kind: "lines", lines: lines.map((line) => ({ sku: line.sku, quantity: Number(pieces(line, form)) })) }),
    place: (path) => (path.startsWith("lines.") ? lines[path.split(".")[1]]?.id : null),
  });
}

function addressForm(order, context) {
  const { delivery } = order;
  return twoSteps("edit-address-form", order, context, {
    about: t("The parcel goes to {country}. For another country, please ask us.", { country: place(delivery.country) }),
    fields: FIELDS.map(([name, label, autocomplete]) => field(el("input", { id: `edit-to-${name}`, autocomplete, maxlength: name === "postal_code" ? "20" : "120", value: delivery[name] ?? "" }), label)),
    check: (form) => missing(form, "edit-to-name", "edit-to-line1"),
    body: (form) => ({ kind: "address", delivery: Object.fromEntries([["country", delivery.country], ...FIELDS.map(([name]) => [name, find(`#edit-to-${name}`, form).value.trim()])]) }),
    place: (path) => (path.startsWith("delivery.") ? `edit-to-${path.split(".").pop()}` : null),
  });
}

/** A form of two steps: what is wished, and after a look at what that means, the edit itself. */
function twoSteps(id, order, context, { about, fields, check, body, place: at }) {
  let seen = null; // what was previewed
  let asked = null; // the code that was asked for
  let { token } = context;
  const first = el("div", { class: "stack" }, el("p", {}, about), ...fields, el("p", {}, el("button", { class: "second" }, t("See what changes"))));
  const second = el("div", { class: "stack", hidden: true, tabindex: "-1" });
  const form = el("form", { id }, summary(), first, second);

  function turn(preview, request = null) {
    [seen, asked] = [preview, request];
    [first.hidden, second.hidden] = [Boolean(seen), !seen];
    fill(second, ...(seen ? means(seen, asked, () => turn(null)) : []));
    (asked ? find("#edit-code", second) : seen ? second : find("input", first)).focus();
  }

  const preview = (as) => call("POST", `${context.path}/edits/preview`, { token: as, body: body(form) });
  const edit = (as, key, { digest }) => call("POST", `${context.path}/edits`, { token: as, key, body: { ...body(form), digest } });

  /** Look at it by the link; who is signed in here as the order's customer needs no code. */
  async function look() {
    token = context.token;
    const found = await preview(token);
    const account = found.asks_mailbox && keptToken(ACCOUNT);
    const mine = account ? await preview(account).catch(() => null) : null; // somebody else's account, or it is over
    if (!mine || mine.asks_mailbox) return found;
    token = account;
    return mine;
  }

  const editByCode = (key, agreed) => byCode({ email: order.contact.email, request: asked, code: find("#edit-code", form).value.trim() }, (as) => edit(as, key, agreed), () => (asked = null));

  /** Send what was agreed to. Without an answer it may be done all the same: then the order itself tells. */
  async function send(key, agreed) {
    form.dataset.sent = "sent"; // what moves now is what it does itself
    try {
      return await (asked ? editByCode(key, agreed) : edit(token, key, agreed));
    } catch (problem) {
      const refused = problem.status >= 400 && problem.status < 500;
      if (refused) delete form.dataset.sent;
      if (form.isConnected && agreed.asks_mailbox && !asked) turn(agreed);
      const known = (refused && problem.status !== 409) || (await context.reload().then(() => true, () => false)); // what stands in its way may take this form away
      delete form.dataset.sent;
      const told = refused ? t("{message} Nothing was changed.", { message: problem.message }) : known ? t("{message} The order as this page shows it now is what holds.", { message: problem.message }) : problem.message;
      if (!form.isConnected && !(refused && find("#edit-moved"))) fill(find("#said"), el("p", { class: "box bad" }, told));
      throw problem;
    }
  }

  submits(form, {
    check: () => (seen ? (asked ? missing(form, "edit-code") : []) : check(form)),
    send: async (key) => {
      if (!seen) return look();
      const back = find("[type=button]", second);
      back.disabled = true; // what was agreed to is on its way
      try {
        return await (seen.asks_mailbox && !asked ? mailCode(order) : send(key, seen));
      } finally {
        back.disabled = false;
      }
    },
    place: (path) => (path === "code" ? "edit-code" : at(path)),
    done: async (answer) => {
      if (answer.request) return turn(seen, answer.request);
      if (answer.lines_after) { // a preview
        context.say();
        return turn(answer);
      }
      await context.reload();
      if (!find("#edit-late")) context.say(find("#edit-waits") ? t("We ask the warehouse whether your change comes in time.") : CHANGED);
      return find("#title").focus();
    },
  });
  return form;
}

/** Mail a code to the order's mailbox. */
export const mailCode = (order) => call("POST", "/v1/sign-in", { body: { email: order.contact.email } });

/** Do something as who reads the order's mail. The sign-in is for this alone. `usedUp`: it was refused, and the code is spent. */
export async function byCode(given, act, usedUp) {
  const session = await signIn(given).catch((problem) => {
    if (problem.code === "bad_code") problem.errors = [{ field: "code", message: problem.detail }];
    if (problem.code === "second_factor_required") problem.errors = [{ field: "code", message: t("This address has a second factor: please sign in to your account first, and come back to this page then.") }];
    throw problem;
  });
  try {
    return await act(session.access_token);
  } catch (problem) {
    usedUp();
    throw problem;
  } finally {
    await signOut(session.access_token).catch(() => null);
  }
}

/** Exactly what the edit does, what it wants, and the buttons. `asked`: a code is on its way. */
function means(seen, asked, back) {
  const lines = seen.lines_after.map((line) => el("li", {}, `${line.quantity} × ${line.title}`));
  const refund = seen.refund_by ? [el("dt", {}, t("Paid back")), el("dd", {}, ...parts("{amount} to your original means of payment, by {day}", { amount: money(seen.refund), day: time(seen.refund_by, { style: "long" }) }))] : [el("dt", {}, t("Paid back")), el("dd", {}, t("nothing"))];
  return [el("p", {}, el("strong", {}, t("This changes:")), " ", el("span", { lang: "en" }, seen.summary)),
    el("dl", { class: "edit-means" }, el("dt", {}, t("Your order is then")), el("dd", {}, el("ul", {}, ...lines)),
      el("dt", {}, t("Goes to")), el("dd", {}, addressLines(seen.delivery).join(", ")), el("dt", {}, t("Costs")), el("dd", {}, money(seen.total_after)), ...refund),
    seen.asks_warehouse ? el("p", { class: "soft small" }, t("The warehouse has your order. If it is faster than you, nothing is changed, and we tell you.")) : null,
    ...(seen.asks_mailbox ? [asked ? codeField("edit-code") : whyCode()] : []),
    el("div", { class: "buttons" }, el("button", {}, seen.asks_mailbox && !asked ? t("Send me a code") : t("Change my order")), el("button", { type: "button", class: "second", onclick: back }, t("Back")))].filter(Boolean);
}

/** Whoever has the link could send the parcel elsewhere, so another address wants the order's mailbox. */
export const whyCode = () => el("p", {}, t("Anybody who has the link to your order could send the parcel elsewhere. So we mail you a code first, to the e-mail address of the order."));

export const codeField = (id) => field(el("input", { id, autocomplete: "one-time-code", inputmode: "numeric" }), t("The code from our e-mail"), t("It is in the newest e-mail with a code, and good for ten minutes. “Back” lets you ask for another one."));
