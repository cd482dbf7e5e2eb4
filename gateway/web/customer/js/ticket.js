// One conversation: its messages, writing more, saying how good the answer was.

import { Problem, call, forgetToken, keepToken, onNewLink, signIn, signOut, takeToken } from "./api.js";
import { el, field, fill, find, time, words } from "./dom.js";
import { missing, submits, summary } from "./forms.js";
import { newLinkForm } from "./new-link.js";

const number = location.pathname.split("/").pop();
const path = `/v1/tickets/${number}`;
let token = takeToken(number);
onNewLink(() => location.reload());
const OURS = { agent: "We wrote", system: "Automatic message" };
let staff = false;
const STATUSES = {
  new: "We have your message",
  open: "We work on it",
  waiting_customer: "We need your answer",
  waiting_internal: "We work on it",
  resolved: "Solved, as we believe",
  closed: "Closed",
};
const REFUSALS = { declined: "We cannot do what you asked for", duplicate: "The same as another conversation of yours" };

function showMessage(message) {
  const who = message.author === "customer" ? (staff ? "The customer wrote" : "You wrote") : (OURS[message.author] ?? "We wrote");
  return el(
    "article",
    { class: message.author === "customer" ? "message" : "message ours" },
    el("h2", { class: "soft" }, message.internal ? "Note for staff" : who, " · ", time(message.posted_at)),
    message.proven === false ? el("p", { class: "soft" }, "Written before anybody had opened a link from our e-mail.") : null,
    el("p", {}, message.body),
  );
}

function showTicket(ticket) {
  staff = Boolean(ticket.customer);
  find("#title").textContent = ticket.subject;
  fill(
    find("#facts"),
    el(
      "dl",
      {},
      el("dt", {}, "Number"),
      el("dd", {}, ticket.number),
      el("dt", {}, "Status"),
      el("dd", { id: "status" }, REFUSALS[ticket.resolution?.code] ?? STATUSES[ticket.status] ?? words(ticket.status)),
      ticket.resolution?.note ? el("dt", {}, "The reason") : null,
      ticket.resolution?.note ? el("dd", {}, ticket.resolution.note) : null,
      ticket.next_number ? el("dt", {}, "It goes on in") : null,
      ticket.next_number ? el("dd", {}, ticket.next_number) : null,
      ticket.answer_by ? el("dt", {}, "We answer by") : null,
      ticket.answer_by ? el("dd", {}, time(ticket.answer_by)) : null,
      ticket.product ? el("dt", {}, "Product") : null,
      ticket.product ? el("dd", { id: "product" }, ticket.product.title ?? `${ticket.product.sku} (we do not find it: please write which one you mean)`) : null,
      ticket.order_number ? el("dt", {}, "Order") : null,
      ticket.order_number ? el("dd", {}, ticket.order_number) : null,
    ),
  );
  fill(find("#trouble"), ticket.own_words_only
    ? el("p", { class: "box" }, "You see what you wrote. To read our answers, open the link in our e-mail.") : null);
  const known = find("#thread").childElementCount;
  find("#thread").append(...ticket.messages.slice(known).map(showMessage));
  showSteps(ticket);
}

function showSteps(ticket) {
  const steps = find("#steps");
  if (steps.dataset.status === ticket.status && steps.dataset.rated === String(Boolean(ticket.rating))) return;
  Object.assign(steps.dataset, { status: ticket.status, rated: String(Boolean(ticket.rating)) });
  const parts = [replyForm()];
  if (ticket.rating) parts.unshift(rated(ticket.rating));
  else if (ticket.ratable) parts.unshift(rateForm());
  fill(steps, ...parts);
}

function replyForm() {
  const form = el("form", {}, summary(), el("h2", {}, "Write more"),
    field(el("textarea", { id: "body", maxlength: "10000", required: true }), "Your message"),
    el("button", {}, "Send"));
  submits(form, {
    check: () => missing(form, "body"),
    draft: `reply-${number}`,
    send: (key) => call("POST", `${path}/messages`, { token, key, body: { body: find("#body", form).value } }),
    done: async (answered) => {
      find("#body", form).value = "";
      await load();
      const text =
        answered.number === number
          ? "Your message is sent."
          : `This conversation is closed; your message is in ${answered.number}. Its link is in our e-mails.`;
      fill(find("#said"), el("p", { class: "box good" }, text));
    },
  });
  return form;
}

function rateForm() {
  const meanings = ["1: not at all", "2: hardly", "3: partly", "4: mostly", "5: fully"];
  const choices = meanings.map((meaning, index) =>
    el("div", { class: "choice" },
      el("input", { type: "radio", name: "score", id: `score-${index + 1}`, value: index + 1 }),
      el("label", { for: `score-${index + 1}` }, meaning)));
  const form = el("form", { id: "rating" }, summary(), el("h2", {}, "How did we do?"),
    el("fieldset", { id: "score" }, el("legend", {}, "Did we solve it?"), el("p", { class: "error", id: "score-error", hidden: true }), ...choices),
    field(el("textarea", { id: "comment", maxlength: "2000" }), "What could we do better? (optional)"),
    el("button", {}, "Send the rating"));
  const chosen = () => find("input[name=score]:checked", form)?.value;
  submits(form, {
    draft: `rating-${number}`,
    check: () => (chosen() ? [] : [{ id: "score-1", message: "Please choose one." }]),
    send: (key) => {
      const comment = find("#comment", form).value.trim();
      return call("POST", `${path}/rating`, { token, key, body: { score: Number(chosen()), ...(comment && { comment }) } });
    },
    done: async () => {
      await load();
      fill(find("#said"), el("p", { class: "box good" }, "Thank you for your rating."));
    },
  });
  return form;
}

const rated = (rating) => el("p", { class: "box good" }, `You rated us ${rating.score} of 5. Thank you.`);

/** Sign in with a code by e-mail: customers by the address of the conversation, staff by their own. */
function signInForm() {
  const email = el("input", { id: "sign-in-email", type: "email", autocomplete: "email" });
  const form = el("form", { id: "sign-in" }, summary(), el("h2", {}, "Or sign in"),
    field(email, "Your e-mail address", "Staff sign in with their own."), el("button", {}, "Send me a code"));
  submits(form, {
    check: () => missing(form, "sign-in-email"),
    send: () => call("POST", "/v1/sign-in", { body: { email: email.value.trim() } }),
    done: (asked) => form.replaceWith(codeForm(email.value.trim(), asked.request)),
  });
  return form;
}

/** The code is good in this browser only: `request` came with the answer to who asked for it. */
function codeForm(email, request) {
  const form = el("form", { id: "code-form" }, summary(),
    field(el("input", { id: "code", autocomplete: "one-time-code", inputmode: "numeric" }), "The code from our e-mail",
      "It is in the newest e-mail with a code."),
    field(el("input", { id: "one-time-password", autocomplete: "off" }), "One-time password (optional)",
      "Only for staff who have set up a second factor: from the app, or a recovery code."),
    el("button", {}, "Sign in"));
  submits(form, {
    check: () => missing(form, "code"),
    send: () => signIn({ email, request, code: find("#code", form).value.trim(),
      one_time_password: find("#one-time-password", form).value.trim() || null }),
    done: async (session) => {
      token = session.access_token;
      keepToken(number, token);
      find("#thread").replaceChildren();
      await load();
    },
  });
  return form;
}

function signOutButton() {
  const leave = async () => {
    await signOut(token).catch(() => null); // over already, or not reached: this browser forgets it either way
    forgetToken(number);
    location.reload();
  };
  return el("button", { id: "sign-out", type: "button", onclick: leave }, "Sign out");
}

async function load() {
  try {
    showTicket(await call("GET", path, { token }));
    if (token?.startsWith("acc_") && !find("#sign-out")) find("#thread").after(signOutButton());
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const locked = [401, 403, 404].includes(problem.status);
    if (locked) forgetToken(number);
    fill(find("#trouble"), el("div", { class: "box bad" },
      el("p", {}, locked ? "Open the link in our e-mail to see this conversation. A link is good for {{ticket_link_days}} days." : problem.message),
      locked ? el("div", {}, newLinkForm(path, "conversation"), signInForm()) : el("button", { type: "button", onclick: () => location.reload() }, "Try again")));
  }
}

await load();
