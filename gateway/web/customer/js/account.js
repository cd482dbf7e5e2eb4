// Who is signed in: their orders, returns and conversations, the newest first, and what they may ask about their data.

import { Problem, call, forgetToken, keptToken } from "./api.js";
import { el, fill, find, money, time, words } from "./dom.js";
import { showMyData } from "./my-data.js";
import { ACCOUNT, signInForm, signOutButton } from "./sign-in.js";
import { CATEGORIES, CONVERSATIONS, RETURNS, STAGES } from "./words.js";
import { t } from "/web/design/texts.js";

const LISTS = [
  { id: "orders", path: "/v1/orders", none: t("You have no orders with this address."), row: (order) => ({
    href: `/orders/${order.number}`, name: t("Order {number}", { number: order.number }), says: STAGES[order.stage] ?? words(order.stage), when: order.placed_at, more: money(order.totals.total) }) },
  { id: "returns", path: "/v1/returns", none: t("You have no returns. You ask for one on the page of the order."), row: (item) => ({
    href: `/orders/${item.order_number}`, name: t("Return {number}", { number: item.number }), says: RETURNS[item.status] ?? words(item.status), when: item.dates?.requested_at, more: t("of order {number}", { number: item.order_number }) }) },
  { id: "conversations", path: "/v1/tickets", none: t("You have no conversations with us."), row: (ticket) => ({
    href: `/tickets/${ticket.number}`, name: ticket.subject, says: CONVERSATIONS[ticket.status] ?? words(ticket.status), when: ticket.opened_at, more: `${CATEGORIES[ticket.category] ?? words(ticket.category)}, ${ticket.number}` }) },
];

let token = keptToken(ACCOUNT);

function showRow({ href, name, says, when, more }) {
  return el("li", {}, el("a", { href }, name), el("span", {}, says), el("span", { class: "soft small" }, when ? time(when, { style: "day" }) : "", `${when ? ", " : ""}${more}`));
}

async function showList({ id, path, none, row }) {
  const list = el("ul", { class: "links" }), more = el("button", { type: "button", class: "second", hidden: true }, t("Show more"));
  let cursor = null;

  async function read() {
    const page = await call("GET", `${path}?limit=20${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`, { token });
    const first = list.childElementCount;
    list.append(...page.items.map((item) => showRow(row(item))));
    cursor = page.next_cursor;
    more.hidden = !cursor;
    if (first) find(`li:nth-child(${first + 1}) a`, list)?.focus();
    return list.childElementCount;
  }

  more.addEventListener("click", () => read().catch(refuse));
  const any = await read();
  fill(find(`#${id}-list`), any ? list : el("p", { class: "soft" }, none), more);
}

function refuse(problem) {
  if (!(problem instanceof Problem)) throw problem;
  if ([401, 403].includes(problem.status)) return welcome(t("Your sign-in is over. Please sign in again."));
  return fill(find("#trouble"), el("div", { class: "box bad" }, el("p", {}, problem.message),
    el("button", { type: "button", onclick: () => location.reload() }, t("Try again"))));
}

/** Nobody is signed in here, or no longer. */
function welcome(said = null) {
  forgetToken(ACCOUNT);
  find("#mine").hidden = true;
  find("#enter").hidden = false;
  fill(find("#trouble"), said ? el("p", { class: "box" }, said) : null);
  fill(find("#sign-in-place"), signInForm(async (given) => {
    token = given;
    await show();
    find("#title").focus();
  }));
}

async function show() {
  try {
    const section = find("#my-data").closest("section");
    section.hidden = false;
    await Promise.all([...LISTS.map(showList), showMyData(token, refuse).catch((problem) => {
      if (problem.status !== 403) throw problem;
      section.hidden = true; // staff are no customers
    })]);
  } catch (problem) {
    return refuse(problem);
  }
  find("#enter").hidden = true;
  find("#mine").hidden = false;
  return fill(find("#leave"), signOutButton(token, () => {
    token = null;
    welcome(t("You are signed out, on this device."));
    find("#title").focus();
  }));
}

if (token) await show();
else welcome();
