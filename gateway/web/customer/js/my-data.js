// What a customer may ask about their own data: a copy, or its erasure; each is confirmed with a code by e-mail.

import { call } from "./api.js";
import { el, field, fill, find, time } from "./dom.js";
import { missing, submits, summary } from "./forms.js";
import { parts, t } from "/web/design/texts.js";

const KINDS = { export: t("A copy of my data"), erasure: t("My data erased") };
const PARTS = { erased: t("Erased"), waiting: t("In use, and erased by itself when that has ended"), kept: t("Kept, because the law wants it") };

const ASKS = [
  { kind: "export", label: t("Ask for a copy"), says: t("Your orders, parcels, returns and conversations, the e-mails that we sent you, and where you are signed in, as one file.") },
  { kind: "erasure", label: t("Ask for erasure"), says: t("What is in use (an order that is not finished, a refund, a return, an open conversation) is erased by itself when that has ended. It cannot be undone: you do not see your orders any more, and cannot send goods back on their pages.") },
];

/** Show the section "My data" of who is signed in; `refuse(problem)` when the sign-in is over. */
export async function showMyData(token, refuse) {
  const place = find("#my-data");

  async function draw(said = null) {
    const page = await call("GET", "/v1/privacy/requests?mine=true&limit=20", { token });
    fill(place, el("p", { role: "status", tabindex: "-1", id: "my-data-said" }, said),
      ...ASKS.map((each) => askForm(each, page.items.find((item) => item.kind === each.kind && item.status !== "ended"), token, again)),
      el("p", { class: "small" }, ...parts("What we must keep: the name and address of each order that was paid, for ten years from the end of its year, because tax law wants it, apart from everything else. What was bought and what it cost stays without your name. Questions? {link}.", { link: el("a", { href: "/contact" }, t("Write to us")) })),
      page.items.some(isOver) ? el("details", {}, el("summary", {}, t("Requests that have ended")), el("ul", { class: "links" }, ...page.items.filter(isOver).map(showEnded))) : null);
  }

  /** Draw it anew, and say what was done. */
  async function again(said, kind = null) {
    try {
      await draw(said);
    } catch (problem) {
      return refuse(problem);
    }
    return ((kind && find(`#code-${kind}`, place)) ?? find("#my-data-said")).focus();
  }

  await draw();
}

const isOver = (request) => request.status === "ended";

function askForm({ kind, label, says }, open, token, again) {
  if (open?.status === "running") return el("div", { class: "box" }, el("h3", {}, KINDS[kind]), el("p", {}, ...parts("We are at it. You hear from us by e-mail until {day}.", { day: time(open.due_at, { style: "day" }) })), partsOf(open));
  const form = el("form", { id: `ask-${kind}` }, summary(), ...(open ? [] : [el("h3", {}, KINDS[kind]), el("p", {}, says)]),
    el("div", { class: "buttons" }, el("button", { class: "second" }, open ? t("Send another code") : label)));
  submits(form, {
    send: () => call("POST", `/v1/privacy/${kind}`, { token, body: {} }),
    done: () => again(t("A code is on its way to your e-mail address. Nothing is done before you enter it here."), kind),
  });
  return open ? el("div", { class: "stack" }, codeForm(open, token, again), form) : form;
}

/** The code is good for ten minutes; whoever has it and is signed in here means it. */
function codeForm(request, token, again) {
  const id = `code-${request.kind}`;
  const form = el("form", { id: `confirm-${request.kind}` }, summary(), el("h3", {}, t("{kind}: enter the code", { kind: KINDS[request.kind] })),
    field(el("input", { id, autocomplete: "one-time-code", inputmode: "numeric" }), t("The code from our e-mail"), t("It is in the newest e-mail about your data, and good for ten minutes.")),
    el("button", {}, t("Confirm with this code")));
  submits(form, {
    check: () => missing(form, id),
    place: () => id,
    send: () => call("POST", `/v1/privacy/requests/${request.number}/confirmation`, { token, body: { code: find(`#${id}`, form).value.trim() } }),
    done: () => again(request.kind === "export" ? t("Thank you. We mail you a link to the copy.") : t("Thank you. We erase your data, and tell you by e-mail what became of it.")),
  });
  return form;
}

function partsOf(request) {
  if (!request.parts.length) return null;
  return el("ul", { class: "links small" }, ...request.parts.map((part) => el("li", {}, el("span", {}, `${PARTS[part.status]}: ${part.what}`),
    part.why ? el("span", { class: "soft" }, ...(part.until ? parts("{why}, until {day}", { why: part.why, day: time(part.until, { style: "day" }) }) : [part.why])) : null)));
}

const showEnded = (request) => el("li", {}, el("span", {}, KINDS[request.kind]), el("span", { class: "soft small" }, ...parts("asked {asked}, ended {ended}", { asked: time(request.asked_at, { style: "day" }), ended: time(request.ended_at, { style: "day" }) })));
