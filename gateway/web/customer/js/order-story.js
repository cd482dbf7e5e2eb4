// What was promised, with how much of its time is used; and what happened, day by day, with our e-mails folded in.

import { bar, el, fill, icon, place, refill, time, timeZone, words } from "./dom.js";
import { isLate, zoneOf } from "./order-head.js";
import { PROMISES, STORY, VERDICTS } from "./words.js";

const SIGNS = { kept: "check", late: "late", risk: "risk", rest: "rest", run: "clock" };
const OWN = { order_changed: "The order was changed as you wished.", change_closed: "Your change came too late; the order stays as it is." };
const SHOWN = 4; // days of the story that are open at once

/** How a promise stands: its colour and sign, and its word. */
function verdict(promise) {
  if (promise.status === "kept") return ["kept", VERDICTS.kept];
  if (promise.status === "breached" || isLate(promise) && promise.status === "running") return ["late", VERDICTS.breached];
  if (promise.status === "running") return used(promise) >= 0.75 ? ["risk", "soon due"] : ["run", VERDICTS.running];
  const held = promise.kind === "dispatch" && promise.status === "paused"; // it stands still for goods or a bank too
  return ["rest", held ? "on hold" : VERDICTS[promise.status] ?? words(promise.status)];
}

/** The share of its time that a promise has used, 0 to 1. */
function used({ started_at: started, due_at: due, stopped_at: stopped }) {
  const [from, to, at] = [started, due, stopped ?? new Date().toISOString()].map((each) => new Date(each).getTime());
  return to > from ? Math.min(1, Math.max(0, (at - from) / (to - from))) : 1;
}

export function showPromises(section, order) {
  const promises = [...(order.commitments ?? [])].sort((one, other) => Number(Boolean(one.stopped_at)) - Number(Boolean(other.stopped_at)) || (one.due_at < other.due_at ? -1 : 1));
  section.hidden = !promises.length;
  const there = zoneOf(order);
  fill(section, el("div", { class: "head" }, el("h2", { id: "promises-title" }, "What we promised"), el("p", { class: "soft small" }, "A bar is the time used")),
    el("ol", { class: "promises" }, ...promises.map((promise) => {
      const [state, word] = verdict(promise);
      const zone = promise.zone || (promise.kind === "delivery" ? there : timeZone);
      const style = promise.kind === "delivery" ? "day" : "moment";
      const window = state === "run" && promise.earliest_at ? used({ ...promise, stopped_at: promise.earliest_at }) : 0;
      return el("li", {}, el("h3", {}, PROMISES[promise.kind] ?? words(promise.kind)), el("p", { class: `state ${state}` }, icon(SIGNS[state]), word), bar(used(promise), state, window),
        el("p", { class: "when" }, "By ", time(promise.due_at, { style, zone }), ` (${place(zone)} time)`, promise.provisional ? ", provisional" : "",
          promise.stopped_at ? el("span", {}, promise.status === "recalled" ? ". Ended " : ". Done ", time(promise.stopped_at, { style, zone })) : "", "."));
    })));
}

export function showStory(section, entries) {
  section.hidden = !entries.length;
  const ordered = entries.sort((one, other) => (one.occurred_at < other.occurred_at ? 1 : one.occurred_at > other.occurred_at ? -1 : 0));
  const days = new Map();
  for (const entry of ordered) {
    const name = time(entry.occurred_at, { style: "long" }).textContent;
    days.set(name, [...(days.get(name) ?? []), entry]);
  }
  const open = new Set([...section.querySelectorAll("details[open]")].map((each) => each.dataset.of));
  const shown = [...days].map(([name, list]) => day(name, list, open));
  const rest = shown.splice(SHOWN);
  refill(section, el("h2", { id: "story-title" }, "What happened"), ...shown,
    rest.length ? el("details", { "data-of": "rest", open: open.has("rest") }, el("summary", {}, `Show ${rest.length === 1 ? "1 more day" : `${rest.length} more days`}`), ...rest) : null,
    el("p", { class: "soft small" }, `Times of ${place(timeZone)}.`));
}

function day(name, list, open) {
  const mails = list.filter((entry) => entry.type === "customer_notified");
  const line = (entry) => el("li", { "data-type": entry.type }, time(entry.occurred_at, { style: "clock" }), el("span", {}, tell(entry)));
  const rest = list.filter((entry) => entry.type !== "customer_notified");
  return el("div", { class: "day" }, el("h3", {}, name), rest.length ? el("ol", {}, ...rest.map(line)) : null,
    mails.length ? el("details", { class: "mails", "data-of": name, open: open.has(name) }, el("summary", {}, mails.length === 1 ? "1 e-mail to you" : `${mails.length} e-mails to you`), el("ul", {}, ...mails.map(line))) : null);
}

function tell(entry) {
  if (entry.type === "ticket_opened") return entry.body.answer_by ? "You wrote to us." : "We wrote to you.";
  if (entry.type === "tracking_updated") return `Parcel: ${words(entry.body.status).toLowerCase()}${entry.body.location ? `, ${entry.body.location}` : ""}.`;
  if (entry.type === "parcel_facts_told") return learned(entry.body);
  if (entry.type === "customer_notified" && STORY[entry.body.about]) return `About: ${STORY[entry.body.about].replace(/\.$/, "")}.`;
  if (entry.body?.own && OWN[entry.type]) return OWN[entry.type];
  return STORY[entry.type] ?? `${words(entry.type)}.`;
}

const LEARNED = { eta: "when it expects to deliver", pick_up: "where a parcel waits for you", received_by: "who took a parcel", handed_on: "who brings a parcel on its last part of the way" };

/** What a carrier told beside its scans: named here, and shown with the parcel. */
function learned({ news }) {
  const told = news.map((name) => LEARNED[name]).filter(Boolean);
  return told.length ? `The carrier told ${told.join(", and ")}.` : "The carrier sent its proof of a delivery.";
}
