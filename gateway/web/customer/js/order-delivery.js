// When the parcel comes, drawn day by day, and where it is: each scan of its carrier.

import { addressLines, dayIn, el, fill, place, refill, time, words } from "./dom.js";
import { GONE, factsOf, pickUpOf } from "./order-facts.js";
import { zoneOf } from "./order-head.js";

const MOST_DAYS = 49;
const HEALTH = {
  at_risk: "This parcel may come later than promised.",
  late: "This parcel is late.",
  stuck: "This parcel has not moved for some time.",
};
const PARCEL = {
  null: "Handed to the carrier", undefined: "Handed to the carrier", label_created: "Handed to the carrier", available_for_pickup: "Waits for you to fetch it",
  attempt_failed: "Could not be handed over", returning: "On its way back to us", returned: "Back with us",
};
const WAREHOUSE = { queued: "The warehouse has your order.", sorting: "Your goods are being picked.", packed: "Your parcel is packed.", recalled: "Your parcel was held back." };

export function showDelivery(section, order) {
  const shipments = order.shipments ?? [];
  const zone = zoneOf(order);
  section.hidden = !shipments.length;
  refill(section, el("h2", { id: "delivery-title" }, titleOf(order, shipments)), ...shipments.map((shipment) => showShipment(shipment, order, zone)));
}

function titleOf(order, shipments) {
  if (shipments.length > 1) return "Your parcels";
  if (shipments[0]?.delivered_at) return "When it came";
  return order.stage === "cancelled" ? "Your parcel" : "When it comes";
}

export function showAddress(section, { delivery, contact }) {
  fill(section, el("h2", { id: "address-card-title" }, "Goes to"),
    el("address", { id: "address" }, ...addressLines(delivery).flatMap((line, index) => (index ? [el("br"), el("span", {}, line)] : [el("span", {}, line)]))),
    el("dl", { class: "small" }, el("dt", {}, "Phone"), el("dd", { id: "phone" }, contact.phone), el("dt", {}, "E-mail"), el("dd", {}, contact.email)));
}

function showShipment(shipment, order, zone) {
  const { promise, delivered_at: delivered } = shipment;
  const closed = shipment.closed_at ? el("p", { class: "box" }, "Nobody waits for this parcel any more; what you chose is done instead.") : null;
  const there = { style: "long", zone };
  const expected = shipment.status === "dispatched" && promise && !closed && !shipment.parcels.every((parcel) => GONE.includes(parcel.status));
  const window = delivered ? el("p", { class: "window" }, "Delivered on ", el("strong", {}, time(delivered, there)), ` (${place(zone)} time).`)
    : expected ? el("p", { class: "window" }, "Expected between ", time(promise.earliest_at, there), " and ", el("strong", {}, time(promise.due_at, there)),
        ` (${place(zone)} time)`, promise.provisional ? ", provisional" : "", ".") : null;
  return el("div", { class: "part room" }, closed, window, promise && !closed && (delivered || expected) ? days(shipment, zone) : null,
    ...shipment.parcels.map((parcel) => showParcel(parcel, zone)),
    shipment.parcels.length ? null : el("p", {}, WAREHOUSE[shipment.status] ?? `${words(shipment.status)}.`));
}

/** Saturday and Sunday, or what is the weekend there, where this browser knows it: a set of 0 (Sunday) to 6. */
function weekend(calendar) {
  const locale = new Intl.Locale(`und-${(calendar ?? "").slice(0, 2) || "US"}`);
  const info = locale.getWeekInfo?.() ?? locale.weekInfo;
  return new Set((info?.weekend ?? [6, 7]).map((each) => each % 7));
}

/** The days from the hand-over to the last promised one, or as far as it took: when the parcel may come. */
function days({ dispatched_at: left, delivered_at: delivered, promise }, zone) {
  const [from, first, last] = [left, promise.earliest_at, promise.due_at].map((each) => dayIn(each, zone).getTime());
  const today = dayIn(delivered ?? new Date().toISOString(), zone).getTime();
  const off = weekend(promise.calendar);
  const step = 86_400_000, list = [];
  for (let at = from; at <= Math.max(last, today) && list.length < MOST_DAYS; at += step) list.push(at);
  const form = (at, options) => new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options }).format(at);
  const marks = list.map((at) => {
    const free = off.has(new Date(at).getUTCDay());
    const names = [at === today && (delivered ? "here" : "today"), at < today && "gone", at >= first && at <= last && "win", at > last && "over", free && "off", at === last && "last"].filter(Boolean);
    const said = [at === from && "it left us", at === today && (delivered ? "delivered" : "today"), at === first && "the promised days begin", at === last && "the last promised day", free && "weekend"].filter(Boolean);
    return el("li", { class: names.join(" "), "aria-current": at === today && !delivered ? "date" : null },
      el("small", { "aria-hidden": "true" }, form(at, { weekday: "short" })), el("b", { "aria-hidden": "true" }, form(at, { day: "numeric" })),
      el("span", { class: "unseen" }, `${form(at, { weekday: "long", day: "numeric", month: "long" })}${said.length ? `: ${said.join(", ")}` : ""}`));
  });
  const gap = (new Date(from).getUTCDay() + 6) % 7; // below each other stand the same days of the week, Monday first
  const drawn = el("ol", { class: "days", "aria-label": `Days from the hand-over on, in ${place(zone)}` },
    ...Array.from({ length: gap }, () => el("li", { class: "blank", "aria-hidden": "true" })), ...marks);
  const entry = (name, text) => el("li", {}, el("i", { class: name }), text);
  return el("figure", { class: "room" }, drawn, el("ul", { class: "key", "aria-hidden": "true" },
    delivered ? entry("here", "Delivered") : entry("today", "Today"), entry("win", "Promised days"), entry("last", "Last promised day"), entry("off", "Weekend"),
    today > last ? entry("over", "Later than promised") : null));
}

function showParcel(parcel, zone) {
  const events = [...(parcel.events ?? [])].reverse();
  const over = parcel.delivered_at || ["delivered", ...GONE].includes(parcel.status);
  const worry = !over && !parcel.closed_at && parcel.health && !["on_time", "no_data"].includes(parcel.health);
  return el("article", { class: "part" },
    el("div", { class: "head" }, el("h3", {}, PARCEL[parcel.status] ?? words(parcel.status)), carriersPage(parcel)),
    el("p", { class: "soft small" }, `${carrierOf(parcel)}, tracking number `, el("span", { class: "number-of" }, parcel.tracking_number)),
    pickUpOf(parcel, zone),
    worry ? el("p", { class: "box ask" }, HEALTH[parcel.health] ?? `This parcel is ${words(parcel.health).toLowerCase()}.`) : null,
    factsOf(parcel, zone),
    events.length
      ? el("ol", { class: "track", "aria-label": `Where it was, newest first; times of ${place(zone)}` }, ...events.map((event) => el("li", {}, el("b", {}, event.message || words(event.status)),
          el("span", {}, event.location ? `${event.location}, ` : "", time(event.occurred_at, { zone })))))
      : el("p", { class: "soft" }, "The carrier has not scanned it yet."));
}

const carrierOf = (parcel) => words(parcel.carrier_name || parcel.carrier);

/** The carrier's own page for this parcel, where that is known. */
function carriersPage(parcel) {
  const url = parcel.tracking_url;
  return url?.startsWith("https://") ? el("a", { href: url, rel: "noreferrer", class: "small" }, `Track at ${carrierOf(parcel)}`, el("span", { class: "unseen" }, " (another website)")) : null;
}

