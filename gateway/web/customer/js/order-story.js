// What was promised, with how much of its time is used; and what happened, day by day, with our e-mails folded in.

import { bar, el, fill, icon, place, refill, time, timeZone, words } from "./dom.js";
import { piecesOf } from "./order-delivery.js";
import { isLate, zoneOf } from "./order-head.js";
import { PARCELS, PROMISES, STORY, VERDICTS } from "./words.js";
import { language, parts, t, tn } from "/web/design/texts.js";

const SIGNS = { kept: "check", late: "late", risk: "risk", rest: "rest", run: "clock" };
const OWN = { order_changed: t("The order was changed as you wished."), change_closed: t("Your change came too late; the order stays as it is.") };
const SHOWN = 4; // days of the story that are open at once

/** How a promise stands: its colour and sign, and its word. */
function verdict(promise) {
  if (promise.status === "kept") return ["kept", VERDICTS.kept];
  if (promise.status === "breached" || isLate(promise) && promise.status === "running") return ["late", VERDICTS.breached];
  if (promise.status === "running") return used(promise) >= 0.75 ? ["risk", t("soon due")] : ["run", VERDICTS.running];
  const held = promise.kind === "dispatch" && promise.status === "paused"; // it stands still for goods or a bank too
  return ["rest", held ? t("on hold") : VERDICTS[promise.status] ?? words(promise.status)];
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
  fill(section, el("div", { class: "head" }, el("h2", { id: "promises-title" }, t("What we promised")), el("p", { class: "soft small" }, t("A bar is the time used"))),
    el("ol", { class: "promises" }, ...promises.map((promise) => {
      const [state, word] = verdict(promise);
      const zone = promise.zone || (promise.kind === "delivery" ? there : timeZone);
      const style = promise.kind === "delivery" ? "day" : "moment";
      const window = state === "run" && promise.earliest_at ? used({ ...promise, stopped_at: promise.earliest_at }) : 0;
      const pieces = partOf(order, promise);
      return el("li", {}, el("h3", {}, PROMISES[promise.kind] ?? words(promise.kind)), el("p", { class: `state ${state}` }, icon(SIGNS[state]), word), pieces ? el("p", { class: "when" }, pieces) : null, bar(used(promise), state, window),
        el("p", { class: "when" }, ...due(promise, { moment: time(promise.due_at, { style, zone }), place: place(zone) }), promise.stopped_at ? el("span", {}, " ", ...over(promise, time(promise.stopped_at, { style, zone }))) : ""));
    })));
}

/** What the part brings that a promise is about, where an order has several. */
function partOf({ shipments = [] }, { subject }) {
  const part = shipments.length > 1 && shipments.find(({ number }) => number === subject);
  return part ? piecesOf(part) : "";
}

const due = ({ provisional }, values) => (provisional ? parts("By {moment} ({place} time), provisional.", values) : parts("By {moment} ({place} time).", values));
const over = ({ status }, moment) => (status === "recalled" ? parts("Ended {moment}.", { moment }) : parts("Done {moment}.", { moment }));

export function showStory(section, entries) {
  section.hidden = !entries.length;
  const ordered = entries.sort((one, other) => (one.occurred_at < other.occurred_at ? 1 : one.occurred_at > other.occurred_at ? -1 : sameMoment(one, other)));
  const days = new Map();
  for (const entry of ordered) {
    const name = time(entry.occurred_at, { style: "long" }).textContent;
    days.set(name, [...(days.get(name) ?? []), entry]);
  }
  const open = new Set([...section.querySelectorAll("details[open]")].map((each) => each.dataset.of));
  const shown = [...days].map(([name, list]) => day(name, list, open));
  const rest = shown.splice(SHOWN);
  refill(section, el("h2", { id: "story-title" }, t("What happened")), ...shown,
    rest.length ? el("details", { "data-of": "rest", open: open.has("rest") }, el("summary", {}, tn("Show {n} more day", "Show {n} more days", rest.length)), ...rest) : null,
    el("p", { class: "soft small" }, t("Times of {place}.", { place: place(timeZone) })));
}

/** What one step brought about has one time: the chain of its subject knows what came first. */
const sameMoment = (one, other) => (one.subject === other.subject ? other.subject_seq - one.subject_seq : 0);

function day(name, list, open) {
  const mails = list.filter((entry) => entry.type === "customer_notified");
  const line = (entry) => el("li", { "data-type": entry.type }, time(entry.occurred_at, { style: "clock" }), el("span", {}, tell(entry)));
  const rest = list.filter((entry) => entry.type !== "customer_notified");
  return el("div", { class: "day" }, el("h3", {}, name), rest.length ? el("ol", {}, ...rest.map(line)) : null,
    mails.length ? el("details", { class: "mails", "data-of": name, open: open.has(name) }, el("summary", {}, tn("{n} e-mail to you", "{n} e-mails to you", mails.length)), el("ul", {}, ...mails.map(line))) : null);
}

function tell(entry) {
  if (entry.type === "ticket_opened") return entry.body.answer_by ? t("You wrote to us.") : t("We wrote to you.");
  if (entry.type === "tracking_updated") return moved(entry.body);
  if (entry.type === "parcel_facts_told") return learned(entry.body);
  if (entry.type === "customer_notified" && STORY[entry.body.about]) return t("About: {event}.", { event: STORY[entry.body.about].replace(/\.$/, "") });
  if (entry.body?.own && OWN[entry.type]) return OWN[entry.type];
  return STORY[entry.type] ?? `${words(entry.type)}.`;
}

function moved({ status, location }) {
  const known = PARCELS[status] ?? words(status), now = language === "en" ? known.toLowerCase() : known;
  return location ? t("Parcel: {status}, {place}.", { status: now, place: location }) : t("Parcel: {status}.", { status: now });
}

const LEARNED = { eta: t("when it expects to deliver"), pick_up: t("where a parcel waits for you"), received_by: t("who took a parcel"), handed_on: t("who brings a parcel on its last part of the way") };

/** What a carrier told beside its scans: named here, and shown with the parcel. */
function learned({ news }) {
  const told = news.map((name) => LEARNED[name]).filter(Boolean);
  return told.length ? t("The carrier told {news}.", { news: told.join(t(", and ")) }) : t("The carrier sent its proof of a delivery.");
}
