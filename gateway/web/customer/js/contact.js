// The one form for every question (standard, section 5), and the receipt that says by when it is answered.

import { call, forgetToken, keepToken, keptToken } from "./api.js";
import { el, fill, find, icon, money, place, time, timeZone, words } from "./dom.js";
import { takesFiles } from "./files.js";
import { missing, submits } from "./forms.js";
import { folded } from "./numbers.js";
import { suggests } from "./suggestions.js";
import { parts, t } from "/web/design/texts.js";

const form = find("#contact");
const value = (id) => find(`#${id}`, form).value.trim();
const asked = new URLSearchParams(location.search);

const promise = find("#answer-by");
const general = promise.textContent;
/** By category, until when it is answered what is sent now; empty where that is not known just now. */
const times = call("GET", "/v1/contact/answer-times").then(({ items }) => new Map(items.map((each) => [each.category, each.answer_by])), () => new Map());

function showWhatFits() {
  const category = value("category");
  find("#topic-field").hidden = find("#sku-field").hidden = category !== "product";
  find("#order_number-field").hidden = !["order", "logistics", "aftersales", "complaint"].includes(category);
  showProduct();
  times.then((known) => {
    if (value("category") !== category) return;
    fill(promise, ...(known.has(category) ? parts("If you send it now, a person answers by {moment} ({place} time).", { moment: el("strong", {}, time(known.get(category))), place: place(timeZone) }) : [general]));
  });
}

let looked = "";

/** What the catalogue says of the product that the question is about: often that is the answer already. */
async function showProduct() {
  const sku = find("#sku-field").hidden ? "" : value("sku");
  if (sku === looked) return;
  looked = sku;
  const product = sku ? await call("GET", `/v1/products/${encodeURIComponent(sku)}`).catch(() => null) : null;
  if (looked !== sku) return; // another one was typed meanwhile
  fill(find("#product"), product ? facts(product) : sku ? el("p", { class: "hint" }, t("We do not find this article. You can send your question all the same.")) : null);
}

function facts(product) {
  const pairs = [[t("Price"), money(product.price)], [t("Material"), product.materials], [t("How to use it"), product.usage], ...Object.entries(product.parameters ?? {})];
  return el("div", { class: "box" }, el("h2", {}, product.title), product.description ? el("p", {}, product.description) : null,
    el("dl", {}, ...pairs.filter(([, text]) => text).flatMap(([name, text]) => [el("dt", {}, words(name)), el("dd", {}, text)])));
}

/** Who comes from the page of their order has told us before who they are. */
async function knowWho() {
  const number = folded(asked.get("order_number") ?? "", "ORD"), token = number && keptToken(number);
  if (!token) return;
  const { contact } = await call("GET", `/v1/orders/${number}`, { token });
  for (const id of ["name", "email"]) find(`#${id}`).value ||= contact[id];
}

find("#category").addEventListener("change", showWhatFits);
find("#sku").addEventListener("change", showProduct);

function written() {
  const body = {};
  for (const id of ["name", "email", "category", "subject", "message"]) body[id] = value(id);
  for (const id of ["topic", "sku", "order_number"]) {
    if (value(id) && !find(`#${id}-field`).hidden) body[id] = value(id);
  }
  if (body.order_number) {
    const number = folded(body.order_number, "ORD"); // its token's name
    if (!number && find("#unsure").checked) body.message += `\n\nOrder number as typed: ${body.order_number}`;
    body.order_number = number || (find("#unsure").checked ? undefined : body.order_number);
  }
  body.time_zone = timeZone; // so that the times in our mails are the writer's
  body.language = navigator.language; // and their words, where we have them
  return body;
}

/** The number, where it is none of ours: a letter too many, or one that was read wrong. It can be sent without. */
function wrongNumber() {
  const typed = find("#order_number-field").hidden ? "" : value("order_number"), wrong = typed && !folded(typed, "ORD");
  find("#unsure-field").hidden = !wrong;
  return wrong && !find("#unsure").checked ? [{ id: "order_number", message: t("This is none of our numbers. Please compare it with our e-mail, or tick below to send your message without it.") }] : [];
}

// it was said of another number; nothing moves before the form is sent, or the button would go from under the finger
find("#order_number").addEventListener("change", () => (find("#unsure").checked = false));

const HOUR = 3_600_000;
const shown = find("[name=form_token]", form); // a page of before the guard has none
/** The token, and from when on it is old enough: sooner than that nobody types, but a kept draft is sent at once. */
const begin = (token, seconds) => ({ token, ready: performance.now() + 1000 * seconds });
let begun = begin(shown?.value ?? "", Number(shown?.dataset.seconds ?? 0));
let asking = null, fresh = 0; // fresh: until then it is not asked for again, whatever the clock here says

const isOver = (soon) => performance.now() >= fresh && Number(begun.token.split(".")[1] ?? 0) * 1000 - Date.now() <= soon;

/** Ask for a token where the page came without one, or is looked at again the next day, and each day after. */
function renew() {
  if (!isOver(HOUR)) return asking;
  return asking ??= call("POST", "/v1/uploads/form", { body: {} })
    .then(({ form_token, seconds }) => { begun = begin(form_token, seconds ?? 0); fresh = performance.now() + HOUR; }, () => {})
    .finally(() => (asking = null));
}
form.addEventListener("input", renew);

/** What tells a person from a program: how long the form has been here, and that a field which nobody sees is empty. */
async function guard() {
  await renew();
  const early = begun.ready - performance.now();
  if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
  const website = find("[name=website]", form)?.value;
  return { ...(!isOver(0) && { form_token: begun.token }), ...(website && { website }) };
}

const files = takesFiles(find("#files-field"));

suggests(find("#answers"), find("#subject"), find("#message"));

submits(form, {
  draft: "contact",
  check: () => [...missing(form, "category", "name", "email", "subject", "message"), ...wrongNumber(), ...files.wrong()],
  send: async (key) => {
    const attachments = await files.ids();
    const body = { ...written(), ...(attachments.length && { attachments }), ...(await guard()) };
    // who comes from the order's page proves with its token that the order is theirs
    const token = body.order_number ? keptToken(body.order_number) : null;
    try {
      return await call("POST", "/v1/contact", { body, key, token });
    } catch (problem) {
      if (!token || problem.status !== 401) throw problem;
      forgetToken(body.order_number); // kept too long: it proves nothing any more, and nobody needs one to write
      return call("POST", "/v1/contact", { body, key });
    }
  },
  done: (receipt) => {
    const known = Boolean(receipt.access_token); // not when the same message was sent before: the link is in the mail
    if (known) keepToken(receipt.ticket_number, receipt.access_token);
    find("#ask").hidden = true;
    const when = { moment: el("strong", {}, time(receipt.answer_by)), place: place(timeZone), zone: timeZone };
    document.title = `${t("Your message has arrived")} · Pledge`;
    fill(
      find("#receipt"),
      el("section", { class: "hero" },
        el("p", { class: "eyebrow" }, el("span", {}, ...parts("Your number {number}", { number: el("strong", { id: "ticket-number" }, receipt.ticket_number) }))),
        el("h1", {}, t("Your message has arrived")),
        el("p", { class: "next" }, icon("clock"), el("span", {}, el("b", {}, t("Next:"), " "), ...(receipt.quarantined
          ? parts("one of us looks at it. The time to answer counts from now all the same: until {moment}, in {place} time ({zone}).", when)
          : parts("a person answers it by {moment}, in {place} time ({zone}).", when))))),
      el("p", {}, receipt.quarantined
        ? t("Our guard against automatic messages has set it aside. Nothing is lost: when one of us has seen that a person wrote it, it goes on. Until then we send you no e-mail. If you sign in with your e-mail address and write in the conversation, it goes on at once.")
        : t("We answer by e-mail. The e-mail has a link to this conversation, where you can write more.")),
      ...(receipt.doubts ?? []).map((doubt) => el("p", { class: "box" }, doubt.message)),
      known ? el("p", {}, el("a", { class: "btn", href: `/tickets/${receipt.ticket_number}` }, t("Open the conversation"))) : null,
    );
    find("#receipt").focus();
    scrollTo(0, 0);
  },
});

// after the draft of an earlier look at this page: what the link asks for wins
for (const id of ["category", "order_number", "sku", "topic"]) {
  if (asked.get(id)) find(`#${id}`, form).value = asked.get(id);
}
showWhatFits();
knowWho().catch(() => {}); // then they type it
find("#kept").hidden = false; // which is true where this script runs
