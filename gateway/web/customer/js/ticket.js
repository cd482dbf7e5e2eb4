// One conversation: its messages, writing more, saying how good the answer was.

import { Problem, call, forgetToken, onNewLink, takeToken } from "./api.js";
import { el, field, fill, find, time, words } from "./dom.js";
import { missing, submits, summary } from "./forms.js";
import { newLinkForm } from "./new-link.js";

const number = location.pathname.split("/").pop();
const path = `/v1/tickets/${number}`;
const token = takeToken(number);
onNewLink(() => location.reload());
const OURS = { agent: "We wrote", system: "Automatic message" };

function showMessage(message) {
  const who = message.author === "customer" ? "You wrote" : (OURS[message.author] ?? "We wrote");
  return el(
    "article",
    { class: message.author === "customer" ? "message" : "message ours" },
    el("h2", { class: "soft" }, who, " · ", time(message.posted_at)),
    el("p", {}, message.body),
  );
}

function showTicket(ticket) {
  find("#title").textContent = ticket.subject;
  fill(
    find("#facts"),
    el(
      "dl",
      {},
      el("dt", {}, "Number"),
      el("dd", {}, ticket.number),
      el("dt", {}, "Status"),
      el("dd", { id: "status" }, words(ticket.status)),
      ticket.answer_by ? el("dt", {}, "We answer by") : null,
      ticket.answer_by ? el("dd", {}, time(ticket.answer_by)) : null,
      ticket.order_number ? el("dt", {}, "Order") : null,
      ticket.order_number ? el("dd", {}, ticket.order_number) : null,
    ),
  );
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
          : `This conversation is closed; your message opened ${answered.number}. Its link comes by e-mail.`;
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

async function load() {
  try {
    showTicket(await call("GET", path, { token }));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const locked = [401, 403, 404].includes(problem.status);
    if (locked) forgetToken(number);
    fill(find("#trouble"), el("div", { class: "box bad" },
      el("p", {}, locked ? "Open the link in our e-mail to see this conversation. A link is good for {{ticket_link_days}} days." : problem.message),
      locked ? newLinkForm(path, "conversation") : el("button", { type: "button", onclick: () => location.reload() }, "Try again")));
  }
}

await load();
