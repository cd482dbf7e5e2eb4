// The order page: how it stands, what was promised, what happened, and what the customer may decide.

import { Problem, call, takeToken } from "./api.js";
import { el, fill, find } from "./dom.js";
import { follow } from "./live.js";
import { showChanges } from "./order-changes.js";
import { showRemedies } from "./order-remedies.js";
import { showCancel, showReturns } from "./order-requests.js";
import { STAGES, showDelivery, showGoods, showPromises, showStory } from "./order-parts.js";

const number = location.pathname.split("/").pop();
const path = `/v1/orders/${number}`;
const token = takeToken(number);
const entries = new Map();
const STATES = {
  live: "This page updates itself.",
  waiting: "The live connection is interrupted; it comes back by itself.",
  over: "The live connection has ended. Reload the page to go on.",
};
let reading = false;
let again = false;

const context = {
  number,
  path,
  token,
  say: (text) => fill(find("#said"), el("p", { class: "box good" }, text)),
  reload: () => load(),
};

function show(order) {
  find("#title").textContent = `Order ${number}`;
  document.title = `Order ${number} · Pledge`;
  const stage = STAGES[order.stage] ?? order.stage;
  if (find("#stage").textContent !== stage) find("#stage").textContent = stage; // said aloud only when it changes
  find("#ask").href = `/contact?category=order&order_number=${number}`;
  fill(find("#trouble"), order.missing?.length
    ? el("p", { class: "box" }, `We cannot show everything just now (${order.missing.join(", ")}). Reload in a moment.`)
    : null);
  showDelivery(find("#delivery"), order);
  showGoods(find("#goods"), order);
  showPromises(find("#promises"), order);
  showRemedies(find("#remedies"), order, context);
  showChanges(find("#changes"), order, context);
  showReturns(find("#returns"), order, context);
  showCancel(find("#cancel"), order, context);
}

/** Read the order; news that arrive meanwhile lead to one more reading, not to many. */
async function load() {
  if (reading) return void (again = true);
  reading = true;
  try {
    do {
      again = false;
      show(await call("GET", path, { token }));
    } while (again);
  } finally {
    reading = false;
  }
}

function remember(found) {
  for (const entry of found) entries.set(entry.id, entry);
  showStory(find("#story"), [...entries.values()]);
}

function refuse(problem) {
  const locked = [401, 404].includes(problem.status);
  fill(find("#trouble"), el("div", { class: "box bad" },
    el("p", {}, locked ? "Open the link in our e-mail to see this order. Links are valid for 30 days." : problem.message),
    locked ? el("p", {}, el("a", { href: `/contact?category=order&order_number=${number}` }, "Write to us if you need a new one."))
      : el("button", { type: "button", onclick: () => location.reload() }, "Try again")));
}

async function begin() {
  try {
    const [, timeline] = await Promise.all([load(), call("GET", `${path}/timeline`, { token })]);
    remember(timeline.items);
    follow(`${path}/live`, token, {
      lastId: timeline.items.at(-1)?.id ?? "none",
      onEntry: (entry) => {
        if (entries.has(entry.id)) return;
        remember([entry]);
        load().catch(() => find("#connection").replaceChildren(STATES.waiting));
      },
      onState: (state) => find("#connection").replaceChildren(STATES[state]),
    });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    refuse(problem);
  }
}

await begin();
