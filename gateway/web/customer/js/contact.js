// The one form for every question (standard, section 5), and the receipt that says by when it is answered.

import { call, forgetToken, keepToken, keptToken } from "./api.js";
import { el, fill, find, time, timeZone } from "./dom.js";
import { missing, submits } from "./forms.js";
import { folded } from "./numbers.js";

const form = find("#contact");
const value = (id) => find(`#${id}`, form).value.trim();
const asked = new URLSearchParams(location.search);

function showWhatFits() {
  const category = value("category");
  find("#topic-field").hidden = find("#sku-field").hidden = category !== "product";
  find("#order_number-field").hidden = !["order", "logistics", "aftersales", "complaint"].includes(category);
}

find("#category").addEventListener("change", showWhatFits);

function written() {
  const body = {};
  for (const id of ["name", "email", "category", "subject", "message"]) body[id] = value(id);
  for (const id of ["topic", "sku", "order_number"]) {
    if (value(id) && !find(`#${id}-field`).hidden) body[id] = value(id);
  }
  if (body.order_number) body.order_number = folded(body.order_number, "ORD") || body.order_number; // its token's name
  body.time_zone = timeZone; // so that the times in our mails are the writer's
  return body;
}

submits(form, {
  draft: "contact",
  check: () => missing(form, "category", "name", "email", "subject", "message"),
  send: async (key) => {
    const body = written();
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
    document.title = "Your message has arrived · Pledge";
    fill(
      find("#receipt"),
      el("h1", {}, "Your message has arrived"),
      el("p", { class: "lead" }, "A person answers it by ", el("strong", {}, time(receipt.answer_by)), "."),
      el("p", { class: "soft" }, `In your time zone, ${timeZone}.`),
      el(
        "dl",
        {},
        el("dt", {}, "Your number"),
        el("dd", {}, el("strong", { id: "ticket-number" }, receipt.ticket_number)),
        el("dt", {}, "What happens next"),
        el("dd", {}, "We answer by e-mail. The e-mail has a link to this conversation, where you can write more."),
      ),
      ...(receipt.doubts ?? []).map((doubt) => el("p", { class: "box" }, doubt.message)),
      known ? el("p", {}, el("a", { href: `/tickets/${receipt.ticket_number}` }, "Open the conversation")) : null,
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
