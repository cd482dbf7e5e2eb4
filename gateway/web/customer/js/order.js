// The order page: how it stands, what was promised, what happened, and what the customer may decide.

import { Problem, call, current, forgetToken, keptToken, onNewLink, takeToken } from "./api.js";
import { el, fill, find } from "./dom.js";
import { follow } from "./live.js";
import { newLinkForm } from "./new-link.js";
import { showChanges } from "./order-changes.js";
import { showPayment } from "./order-payment.js";
import { showQuestion } from "./order-question.js";
import { showRemedies } from "./order-remedies.js";
import { showAddress, showDelivery } from "./order-delivery.js";
import { showEdits } from "./order-edits.js";
import { showGoods, showReceipt } from "./order-goods.js";
import { openChanges, openRemedies, returnAsks, showHead } from "./order-head.js";
import { showPapers } from "./order-papers.js";
import { showCancel, showReturns } from "./order-requests.js";
import { showPromises, showStory } from "./order-story.js";
import { showWithdrawal } from "./order-withdrawal.js";
import { ACCOUNT } from "./sign-in.js";
import { parts, t } from "/web/design/texts.js";

const number = location.pathname.split("/").pop();
const path = `/v1/orders/${number}`;
const own = takeToken(number);
let token = own ?? keptToken(ACCOUNT); // who is signed in needs no link
onNewLink(() => location.reload());
const entries = new Map();
const STATES = {
  live: t("This page updates itself."),
  waiting: t("The live connection is interrupted; it comes back by itself."),
  over: t("The live connection has ended. Reload the page to go on."),
};
let asked = null; // the questions that were shown before; null before the first look
let reading = null; // the reading that goes on
let again = false;
let stand = ""; // how the order and its returns stand, as shown
let said = null; // what was said: {at, stand}
const TO_BE_READ = 5_000; // how long a sentence stays at least
const JUST_NOW = 60_000;

const context = {
  number,
  path,
  get token() {
    return token;
  },
  say: (...parts) => {
    said = { at: Date.now(), stand };
    fill(find("#said"), parts.length ? el("p", { class: "box good" }, ...parts) : null);
  },
  reload: () => load(),
};

function show(order) {
  stand = JSON.stringify([order.stage, (order.returns ?? []).map((each) => [each.number, each.status])]);
  endSaid();
  showHead(order);
  announce(order);
  find("#body").hidden = false;
  find("#ask").href = `/contact?category=order&order_number=${number}`;
  fill(find("#trouble"), order.missing?.length
    ? el("p", { class: "box" }, t("We cannot show everything just now ({missing}). Reload in a moment.", { missing: order.missing.join(", ") }))
    : null);
  showPayment(find("#payment"), order, context);
  showQuestion(find("#question-box"), order, context);
  showRemedies(find("#remedies"), order, context);
  showChanges(find("#changes"), order, context);
  showDelivery(find("#delivery"), order);
  showReturns(find("#returns"), order, context);
  putFirst(returnAsks(order) ? "#returns" : "#delivery");
  showGoods(find("#goods"), order);
  showPapers(find("#papers"), order, context);
  showAddress(find("#address-card"), order);
  showEdits(find("#edit"), order, context);
  showWithdrawal(find("#withdraw"), order, context);
  showCancel(find("#cancel"), order, context);
  showPromises(find("#promises"), order);
  showReceipt(find("#receipt"), order);
}

/** Let what the customer is asked about come before what is only told. */
function putFirst(name) {
  const section = find(name);
  if (section.parentElement.firstElementChild !== section) section.parentElement.prepend(section);
}

/** Take away what was said of a step once the order has taken the next one, and there was time to read it. */
function endSaid() {
  if (!said || said.stand === stand) return;
  const left = said.at + TO_BE_READ - Date.now();
  if (left > 0) return void setTimeout(endSaid, left);
  said = null;
  fill(find("#said"));
}

/** Say that a decision is wanted: in the title of the tab, and aloud when it comes while somebody reads. */
function announce(order) {
  const wanted = [...openChanges(order), ...openRemedies(order)].map((each) => each.id);
  document.title = `${wanted.length ? t("Please decide: order {number}", { number }) : t("Order {number}", { number })} · Pledge`;
  const fresh = wanted.filter((id) => !asked?.has(id));
  if (asked && fresh.length) find("#news").textContent = t("We need your decision about your order. The question is on this page.");
  if (!wanted.length) find("#news").textContent = "";
  asked = new Set(wanted);
}

/** Read the order; news that arrive meanwhile lead to one more reading, not to many. It is over when all are shown. */
function load() {
  again = true;
  reading ??= readAll();
  return reading;
}

async function readAll() {
  try {
    while (again) {
      again = false;
      show(await call("GET", path, { token }));
    }
  } finally {
    reading = null;
  }
}

function remember(found) {
  for (const entry of found) entries.set(entry.id, entry);
  showStory(find("#story"), [...entries.values()]);
}

function refuse(problem) {
  const locked = [401, 403, 404].includes(problem.status);
  if (!locked) {
    return fill(find("#trouble"), el("div", { class: "box bad" }, el("p", {}, problem.message),
      el("button", { type: "button", onclick: () => location.reload() }, t("Try again"))));
  }
  forgetToken(number); // it opens nothing, or no longer
  find("#forget").hidden = true;
  return fill(find("#trouble"),
    el("div", { class: "box bad" },
      el("p", {}, t("Open the link in our e-mail to see this order. A link is good for {link_days} days, and each of our e-mails has a new one."))),
    el("div", { class: "card" }, el("h2", {}, t("No link at hand?")), newLinkForm(path, "order"),
      el("p", {}, ...parts("Or {link}.", { link: el("a", { href: "/account" }, t("sign in and see all your orders")) })),
      el("p", {}, t("Is that address not yours any more?"), " ", el("a", { href: `/contact?category=order&order_number=${number}` }, t("Write to us.")))));
}

/** Let go of the token that this device keeps, where the device is shared. */
function offerToForget() {
  const button = find("#forget");
  button.hidden = !own;
  button.addEventListener("click", () => {
    forgetToken(number);
    location.assign("/");
  });
}

async function begin() {
  offerToForget();
  try {
    await start();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    const account = keptToken(ACCOUNT);
    if (![401, 403, 404].includes(problem.status) || !account || token === account) return refuse(problem);
    token = account; // the link is over, but its owner may be signed in
    return start().catch(refuse);
  }
  return undefined;
}

async function start() {
  const [, timeline] = await Promise.all([load(), call("GET", `${path}/timeline`, { token })]);
  remember(timeline.items);
  const last = timeline.items.at(-1);
  if (last && Date.now() - new Date(last.occurred_at) < JUST_NOW) await load(); // it may be later than the order was read
  followIt(last?.id ?? "none");
}

function followIt(lastId) {
  follow(`${path}/live`, current(token), {
    lastId,
    onEntry: (entry) => {
      if (entries.has(entry.id)) return;
      remember([entry]);
      load().catch(() => find("#connection").replaceChildren(STATES.waiting));
    },
    onState: (state, seen) => {
      find("#connection").replaceChildren(STATES[state]);
      if (state === "over" && token !== own) load().then(() => followIt(seen), () => null); // reading renews a session
    },
  });
}

await begin();
