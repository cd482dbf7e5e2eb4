// One conversation: its messages, writing more, saying how good the answer was.

import { Problem, call, forgetToken, keptToken, onNewLink, takeToken } from "./api.js";
import { showComplaint } from "./complaint.js";
import { el, field, fill, find, icon, place, refill, time, timeZone, words } from "./dom.js";
import { filesField, showFiles, takesFiles } from "./files.js";
import { missing, submits, summary } from "./forms.js";
import { newLinkForm } from "./new-link.js";
import { isLate } from "./order-head.js";
import { ACCOUNT, signInForm, signOutButton } from "./sign-in.js";
import { CATEGORIES, CONVERSATIONS } from "./words.js";
import { parts, t } from "/web/design/texts.js";

const number = location.pathname.split("/").pop();
const path = `/v1/tickets/${number}`;
const LOOK_AGAIN = 15_000; // how long an answer may be here before an open page shows it
let token = takeToken(number) ?? keptToken(ACCOUNT);
onNewLink(() => location.reload());
const OURS = { agent: t("We wrote"), system: t("Automatic message") };
let staff = false;
const ABOVE = { lead: t("A lead of our team"), admin: t("The person in charge of our shop") };
const REFUSALS = { declined: t("We cannot do what you asked for"), duplicate: t("The same as another conversation of yours") };
const GROUNDS = { not_offered: t("We do not sell or offer this."), not_possible: t("It cannot be done, or not any more."), as_promised: t("We have found that it is as we had promised."), not_shown: t("We could not see that it is as you wrote."), too_late: t("The time in which this can be asked for is over."), law: t("The law does not allow it.") };
const reasonOf = (ended) => [GROUNDS[ended?.ground], ended?.note].filter(Boolean).join(" ");

function showMessage(message) {
  const who = message.author === "customer" ? (staff ? t("The customer wrote") : t("You wrote")) : (OURS[message.author] ?? t("We wrote"));
  return el(
    "article",
    { class: message.author === "customer" ? "message" : "message ours" },
    el("h2", { class: "soft" }, message.internal ? t("Note for staff") : who, " · ", time(message.posted_at)),
    message.proven === false ? el("p", { class: "soft" }, t("Written before anybody had opened a link from our e-mail.")) : null,
    el("p", {}, message.body),
    showFiles(message.attachments, () => token),
    basedOn(message),
    message.verified ? el("p", { class: "soft" }, icon("check"), ` ${t("A second person has checked this answer.")}`) : null,
  );
}

/** What an answer of ours rests on: each with the page that shows it, as it was then. */
function basedOn({ basis }) {
  if (!basis?.length) return null;
  return el("div", { class: "soft basis" }, t("Based on"), el("ul", {}, ...basis.map((each) =>
    el("li", {}, el("a", { href: `/help/${each.slug ?? `products/${encodeURIComponent(each.sku)}`}?version=${each.version}` }, each.title ?? t("What we know of the product {sku}", { sku: each.sku })),
      each.changed ? ` ${t("(changed since)")}` : ""))));
}

const TONES = { waiting_customer: "ask", resolved: "", closed: "rest", merged: "rest" };

function showTicket(ticket) {
  staff = Boolean(ticket.customer);
  find("#number").textContent = `${CATEGORIES[ticket.category] ?? words(ticket.category)}, ${ticket.number}`;
  find("#title").textContent = ticket.subject;
  document.title = `${t("Conversation {number}", { number })} · Pledge`;
  say(find("#status"), (ticket.complaint?.decision ? t("We have decided about your complaint") : REFUSALS[ticket.resolution?.code]) ?? CONVERSATIONS[ticket.status] ?? words(ticket.status));
  showNext(ticket);
  const news = ticket.looked_into?.news_by;
  refill(find("#facts"), ...[
    [t("We look into"), ticket.looked_into?.question],
    [isPast(news) ? t("We were to write to you by") : t("We write to you by"), news && el("span", { id: "news-by" }, ...(isPast(news)
      ? parts("{moment} ({place} time); we are late, and sorry", { moment: time(news), place: place(timeZone) }) : parts("{moment} ({place} time)", { moment: time(news), place: place(timeZone) })))],
    [t("The reason"), !ticket.complaint && reasonOf(ticket.resolution)],
    [t("You asked for a lead"), ticket.escalation.asked_at && el("span", { id: "escalated" }, ...escalated(ticket.escalation))],
    [t("It goes on in"), ticket.next_number && el("a", { href: `/tickets/${ticket.next_number}` }, ticket.next_number)],
    [t("Product"), ticket.product && el("span", { id: "product" }, ticket.product.title ?? t("{sku} (we do not find it: please write which one you mean)", { sku: ticket.product.sku }))],
    [t("Order"), ticket.order_number && el("a", { href: `/orders/${ticket.order_number}` }, ticket.order_number)],
  ].filter(([, value]) => value).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
  showTrouble(ticket);
  const known = find("#thread").childElementCount;
  find("#thread").append(...ticket.messages.slice(known).map(showMessage));
  showComplaint(ticket.complaint, find("#complaint"), { path, number, staff, load, tell, token: () => token });
  showSteps(ticket);
}

/** Say why there is less here than one may look for; what somebody types there stays while nothing changes. */
function showTrouble({ status, own_words_only }) {
  const trouble = find("#trouble"), shown = `${status === "quarantined"} ${own_words_only}`;
  if (trouble.dataset.shown === shown) return;
  trouble.dataset.shown = shown;
  if (status !== "quarantined") return fill(trouble, own_words_only ? el("p", { class: "box" }, t("You see what you wrote. To read our answers, open the link in our e-mail.")) : null);
  const aside = t("Our guard against automatic messages has set this aside. Nothing is lost: when one of us has seen that a person wrote it, it goes on, and the time to answer counts from when you wrote. Until then we send no e-mail.");
  return fill(trouble, el("p", { class: "box" }, `${aside} ${own_words_only ? t("Or show that it is yours: sign in with your e-mail address, and write here.") : t("Write here, and it goes on at once.")}`),
    own_words_only ? el("div", { class: "card" }, signInForm(enter, t("Sign in"))) : null);
}

const isPast = (at) => Boolean(at) && isLate({ due_at: at });

/** Say when the customer asked for a lead, and until when one answers, or when one did. */
function escalated({ to, asked_at, answer_by, answered_at }) {
  const since = [time(asked_at), ". "];
  if (answered_at) return [...since, ...parts("A lead answered you: {moment}.", { moment: time(answered_at) })];
  if (!answer_by) return since;
  const values = { above: ABOVE[to], moment: time(answer_by), place: place(timeZone) };
  return [...since, ...(isPast(answer_by) ? parts("{above} was to answer you by {moment} ({place} time); we are late, and sorry.", values)
    : parts("{above} answers you by {moment} ({place} time).", values))];
}

/** Say what comes next and by when; nothing on the customer's turn. */
function showNext(ticket) {
  const complete = ticket.looked_into?.complete_by;
  const by = complete ?? ticket.answer_by;
  const late = isPast(by);
  find("#head").className = `hero ${late ? "bad" : TONES[ticket.status] ?? ""}`.trim();
  find("#next").hidden = !by;
  if (!by) return;
  const values = { moment: time(by), place: place(timeZone) };
  const what = complete
    ? (late ? parts("we had promised the complete answer by {moment} ({place} time).", values) : parts("you have the complete answer by {moment} ({place} time).", values))
    : late ? parts("we had promised an answer by {moment} ({place} time).", values) : parts("a person answers by {moment} ({place} time).", values);
  fill(find("#next"), icon(late ? "late" : "clock"), el("span", {}, el("b", {}, late ? t("We are late, and sorry:") : t("Next:"), " "), ...what));
}

/** Set the words of a live region only where they change: each setting is read aloud. */
const say = (place_, text) => place_.textContent === text || (place_.textContent = text);

function showSteps(ticket) {
  const steps = find("#steps");
  steps.hidden = ticket.status === "quarantined" && ticket.own_words_only; // it would be refused
  if (!steps.childElementCount) steps.append(el("div", { id: "choices", class: "stack" }), replyForm(), el("div", { id: "lead", hidden: true })); // the reply stays: somebody types in it
  const may = ticket.escalation.possible && !staff;
  if (may !== Boolean(find("#escalation"))) fill(find("#lead"), may ? leadForm(ticket.escalation.to) : null);
  find("#lead").hidden = !may;
  const choices = find("#choices");
  const shown = `${ticket.status} ${Boolean(ticket.rating)} ${ticket.ratable}`;
  if (choices.dataset.shown === shown) return; // do not take away what is being typed
  choices.dataset.shown = shown;
  const over = ["resolved", "closed"].includes(ticket.status);
  fill(choices, ticket.rating ? rated(ticket.rating) : ticket.ratable ? rateForm() : null, over && !staff ? solvedForm(ticket) : null);
  choices.hidden = !choices.childElementCount;
}

/** Who is not content asks for a lead, once; nobody has to give up on it. */
function leadForm(to) {
  const form = el("form", { class: "stack" }, summary(),
    el("p", {}, t("{above} reads the whole conversation and answers you within {lead_answer}. You get an e-mail with the exact time at once. What was closed is taken up again.", { above: ABOVE[to] })),
    field(el("textarea", { id: "wish", maxlength: "10000", minlength: "20", required: true }), t("What is wrong? Please say it in a sentence")),
    el("button", { class: "second" }, t("Ask for a lead")));
  submits(form, {
    check: () => missing(form, "wish"),
    draft: `wish-${number}`,
    send: (key) => call("POST", `${path}/escalation`, { token, key, body: { reason: find("#wish", form).value } }),
    done: async () => {
      await load();
      tell(t("You asked for a lead. {above} answers you; an e-mail says until when.", { above: ABOVE[to] }));
    },
  });
  return el("details", { id: "escalation", class: "card" }, el("summary", {}, t("Not content with how it goes?")), form);
}

/** What was marked as solved: the customer closes it, or has it taken up again. */
function solvedForm(ticket) {
  const open = ticket.status === "resolved";
  const form = el("form", { id: "solved", class: "card" }, summary(), el("h2", {}, open ? t("Is it solved?") : t("Is it not solved after all?")),
    field(el("textarea", { id: "unsolved", maxlength: "10000" }), t("If not: what is still open? (optional)")),
    el("div", { class: "buttons" }, el("button", { value: "reopening", class: "second" }, t("Take it up again")), open ? el("button", { value: "closing" }, t("It is solved: close it")) : null));
  submits(form, {
    draft: `unsolved-${number}`,
    send: (key, button) => {
      const message = find("#unsolved", form).value.trim();
      const way = button?.value ?? "reopening";
      return call("POST", `${path}/${way}`, { token, key, body: way === "reopening" && message ? { message } : {} });
    },
    done: async (answered) => {
      await load();
      tell(answered.status === "closed" ? t("It is closed. Thank you.") : t("We take it up again, and a person answers you."));
    },
  });
  return form;
}

/** Say what was done where it is seen and heard. */
function tell(text) {
  fill(find("#said"), el("p", { class: "box good" }, text));
  find("#said").scrollIntoView({ block: "center" });
}

function replyForm() {
  const form = el("form", { class: "card" }, summary(), el("h2", {}, t("Write more")),
    field(el("textarea", { id: "body", maxlength: "10000", required: true }), t("Your message")),
    filesField(),
    el("button", {}, t("Send")));
  const files = takesFiles(find(".field:has(#files)", form), { token: () => token, pasteIn: form });
  submits(form, {
    check: () => [...missing(form, "body"), ...files.wrong()],
    draft: `reply-${number}`,
    send: async (key) => {
      const attachments = await files.ids();
      return call("POST", `${path}/messages`, { token, key, body: { body: find("#body", form).value, ...(attachments.length && { attachments }) } });
    },
    done: async (answered) => {
      find("#body", form).value = "";
      files.clear();
      await load();
      const text =
        answered.status === "merged"
          ? t("Your message is sent. It is in {next_number}, where this conversation goes on; its link is in our e-mails.", { next_number: answered.next_number })
          : answered.number === number
          ? t("Your message is sent.")
          : t("This conversation is closed; your message is in {number}. Its link is in our e-mails.", { number: answered.number });
      tell(text);
      find("#body", form).focus({ preventScroll: true });
    },
  });
  return form;
}

function rateForm() {
  const meanings = [t("1: not at all"), t("2: hardly"), t("3: partly"), t("4: mostly"), t("5: fully")];
  const choices = meanings.map((meaning, index) =>
    el("div", { class: "choice" },
      el("input", { type: "radio", name: "score", id: `score-${index + 1}`, value: index + 1 }),
      el("label", { for: `score-${index + 1}` }, meaning)));
  const form = el("form", { id: "rating", class: "card" }, summary(), el("h2", {}, t("How did we do?")),
    el("fieldset", { id: "score" }, el("legend", {}, t("Did we solve it?")), el("p", { class: "error", id: "score-error", hidden: true }), el("div", { class: "rate" }, ...choices)),
    field(el("textarea", { id: "comment", maxlength: "2000" }), t("What could we do better? (optional)")),
    el("button", {}, t("Send the rating")));
  const chosen = () => find("input[name=score]:checked", form)?.value;
  submits(form, {
    draft: `rating-${number}`,
    check: () => (chosen() ? [] : [{ id: "score-1", message: t("Please choose one.") }]),
    send: (key) => {
      const comment = find("#comment", form).value.trim();
      return call("POST", `${path}/rating`, { token, key, body: { score: Number(chosen()), ...(comment && { comment }) } });
    },
    done: async () => {
      await load();
      tell(t("Thank you for your rating."));
      find("#title").focus({ preventScroll: true });
    },
  });
  return form;
}

const rated = (rating) => el("p", { class: "box good" }, t("You rated us {score} of 5. Thank you.", { score: rating.score }));

async function load() {
  showTicket(await call("GET", path, { token }));
  if (token?.startsWith("acc_") && !find("#sign-out")) find("#leave").append(signOutButton(token, () => location.reload()));
}

function refuse(problem) {
  if (!(problem instanceof Problem)) throw problem;
  const locked = [401, 403, 404].includes(problem.status);
  if (locked) forgetToken(number);
  delete find("#trouble").dataset.shown;
  fill(find("#trouble"), el("div", { class: "box bad" },
    el("p", {}, locked ? t("Open the link in our e-mail to see this conversation. A link is good for {ticket_link_days} days.") : problem.message),
    locked ? null : el("button", { type: "button", onclick: () => location.reload() }, t("Try again"))),
  locked ? el("div", { class: "card" }, el("h2", {}, t("No link at hand?")), newLinkForm(path, "conversation"), signInForm(enter, t("Or sign in"))) : null);
}

async function enter(given) {
  token = given;
  find("#thread").replaceChildren();
  await begin();
  find("#title").focus();
}

async function begin() {
  try {
    await load();
  } catch (problem) {
    if (problem.status === 401 && token !== keptToken(ACCOUNT) && keptToken(ACCOUNT)) return enter(keptToken(ACCOUNT)); // signed in here
    return refuse(problem);
  }
  return undefined;
}

/** Look for an answer while somebody looks at the page; what fails is tried again the next time. */
async function lookAgain() {
  if (document.visibilityState !== "visible" || !find("#thread").childElementCount) return;
  const known = find("#thread").childElementCount;
  await load().catch((problem) => problem instanceof Problem || Promise.reject(problem));
  if (find("#thread").childElementCount > known) find("#connection").textContent = t("Something new arrived at {time}.", { time: time(new Date().toISOString(), { style: "clock" }).textContent });
}

await begin();
setInterval(lookAgain, LOOK_AGAIN);
document.addEventListener("visibilitychange", lookAgain);
