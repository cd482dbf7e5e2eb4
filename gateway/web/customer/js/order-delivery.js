// When the parcel comes, drawn day by day, and where it is: each scan of its carrier.

import { addressLines, dayIn, el, fill, place, refill, time, words } from "./dom.js";
import { GONE, factsOf, pickUpOf } from "./order-facts.js";
import { zoneOf } from "./order-head.js";
import { PARCELS } from "./words.js";
import { language, locale, parts, t } from "/web/design/texts.js";

const MOST_DAYS = 49;
const HEALTH = {
  at_risk: t("This parcel may come later than promised."),
  late: t("This parcel is late."),
  stuck: t("This parcel has not moved for some time."),
};
const PARCEL = {
  null: t("Handed to the carrier"), undefined: t("Handed to the carrier"), label_created: t("Handed to the carrier"), available_for_pickup: t("Waits for you to fetch it"),
  attempt_failed: t("Could not be handed over"), returning: t("On its way back to us"), returned: t("Back with us"),
};
const WAREHOUSE = { queued: t("The warehouse has your order."), sorting: t("Your goods are being picked."), packed: t("Your parcel is packed."), recalled: t("Your parcel was held back.") };
const IN_THE_WAREHOUSE = ["queued", "sorting", "packed"];

export function showDelivery(section, order) {
  const shipments = order.shipments ?? [];
  const zone = zoneOf(order);
  section.hidden = !shipments.length;
  refill(section, el("h2", { id: "delivery-title" }, titleOf(order, shipments)), ...shipments.map((shipment) => showShipment(shipment, order, zone, shipments.length > 1)));
}

function titleOf(order, shipments) {
  if (shipments.length > 1) return t("Your parcels");
  if (shipments[0]?.delivered_at) return t("When it came");
  return order.stage === "cancelled" || !shipments[0]?.promise ? t("Your parcel") : t("When it comes");
}

export function showAddress(section, { delivery, contact }) {
  fill(section, el("h2", { id: "address-card-title" }, t("Goes to")),
    el("address", { id: "address" }, ...addressLines(delivery).flatMap((line, index) => (index ? [el("br"), el("span", {}, line)] : [el("span", {}, line)]))),
    el("dl", { class: "small" }, el("dt", {}, t("Phone")), el("dd", { id: "phone" }, contact.phone), el("dt", {}, t("E-mail")), el("dd", {}, contact.email)));
}

/** What a shipment brings, in one line. */
export const piecesOf = ({ lines = [] }) => lines.map(({ quantity, title }) => `${quantity} × ${title}`).join(", ");

function showShipment(shipment, order, zone, several) {
  const { promise, delivered_at: delivered } = shipment;
  const closed = shipment.closed_at ? el("p", { class: "box" }, t("Nobody waits for this parcel any more; what you chose is done instead.")) : null;
  const there = { style: "long", zone };
  const expected = shipment.status === "dispatched" && promise && !closed && !shipment.parcels.every((parcel) => GONE.includes(parcel.status));
  const window = delivered ? el("p", { class: "window" }, ...parts("Delivered on {day} ({place} time).", { day: el("strong", {}, time(delivered, there)), place: place(zone) }))
    : expected ? el("p", { class: "window" }, ...expectedIn(promise, { first: time(promise.earliest_at, there), last: el("strong", {}, time(promise.due_at, there)), place: place(zone) })) : null;
  const brings = several && shipment.lines?.length ? el("p", { class: "small" }, t("In this part of your order: {pieces}", { pieces: piecesOf(shipment) })) : null;
  return el("div", { class: "part room" }, brings, closed, window, promise && !closed && (delivered || expected) ? days(shipment, zone) : null,
    ...shipment.parcels.map((parcel) => showParcel(parcel, zone, shipment.parcels.length > 1)),
    shipment.parcels.length ? null : el("p", {}, WAREHOUSE[shipment.status] ?? `${words(shipment.status)}.`),
    IN_THE_WAREHOUSE.includes(shipment.status) && !closed ? el("p", { class: "window" }, t("It arrives {delivery} after it has left us. Then the days stand here.")) : null);
}

const expectedIn = (promise, days) => (promise.provisional
  ? parts("Expected between {first} and {last} ({place} time), provisional.", days)
  : parts("Expected between {first} and {last} ({place} time).", days));

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
  const form = (at, options) => new Intl.DateTimeFormat(language === "en" ? "en-GB" : locale, { timeZone: "UTC", ...options }).format(at);
  const marks = list.map((at) => {
    const free = off.has(new Date(at).getUTCDay());
    const names = [at === today && (delivered ? "here" : "today"), at < today && "gone", at >= first && at <= last && "win", at > last && "over", free && "off", at === last && "last"].filter(Boolean);
    const said = [at === from && t("it left us"), at === today && (delivered ? t("delivered") : t("today")), at === first && t("the promised days begin"), at === last && t("the last promised day"), free && t("weekend")].filter(Boolean);
    return el("li", { class: names.join(" "), "aria-current": at === today && !delivered ? "date" : null },
      el("small", { "aria-hidden": "true" }, form(at, { weekday: "short" })), el("b", { "aria-hidden": "true" }, form(at, { day: "numeric" })),
      el("span", { class: "unseen" }, `${form(at, { weekday: "long", day: "numeric", month: "long" })}${said.length ? `: ${said.join(", ")}` : ""}`));
  });
  const gap = (new Date(from).getUTCDay() + 6) % 7; // below each other stand the same days of the week, Monday first
  const drawn = el("ol", { class: "days", "aria-label": t("Days from the hand-over on, in {zone}", { zone: place(zone) }) },
    ...Array.from({ length: gap }, () => el("li", { class: "blank", "aria-hidden": "true" })), ...marks);
  const entry = (name, text) => el("li", {}, el("i", { class: name }), text);
  return el("figure", { class: "room" }, drawn, el("ul", { class: "key", "aria-hidden": "true" },
    delivered ? entry("here", t("Delivered")) : entry("today", t("Today")), entry("win", t("Promised days")), entry("last", t("Last promised day")), entry("off", t("Weekend")),
    today > last ? entry("over", t("Later than promised")) : null));
}

/** A parcel; of one of several it is said what is in it, where that is known. */
function showParcel(parcel, zone, several) {
  const events = [...(parcel.events ?? [])].reverse();
  const over = parcel.delivered_at || ["delivered", ...GONE].includes(parcel.status);
  const worry = !over && !parcel.closed_at && parcel.health && !["on_time", "no_data"].includes(parcel.health);
  return el("article", { class: "part" },
    el("div", { class: "head" }, el("h3", {}, PARCEL[parcel.status] ?? PARCELS[parcel.status] ?? words(parcel.status)), carriersPage(parcel)),
    el("p", { class: "soft small" }, ...parts("{carrier}, tracking number {number}", { carrier: carrierOf(parcel), number: el("span", { class: "number-of" }, parcel.tracking_number) })),
    several && parcel.lines?.length ? el("p", { class: "small" }, t("In this parcel: {pieces}", { pieces: parcel.lines.map(({ quantity, title }) => `${quantity} × ${title}`).join(", ") })) : null,
    pickUpOf(parcel, zone),
    worry ? el("p", { class: "box ask" }, HEALTH[parcel.health] ?? `${words(parcel.health)}.`) : null,
    factsOf(parcel, zone),
    events.length
      ? el("ol", { class: "track", "aria-label": t("Where it was, newest first; times of {zone}", { zone: place(zone) }) }, ...events.map((event) => el("li", {}, el("b", {}, event.message || (PARCELS[event.status] ?? words(event.status))),
          el("span", {}, event.location ? `${event.location}, ` : "", time(event.occurred_at, { zone })))))
      : el("p", { class: "soft" }, t("The carrier has not scanned it yet.")));
}

const carrierOf = (parcel) => words(parcel.carrier_name || parcel.carrier);

/** The carrier's own page for this parcel, where that is known. */
function carriersPage(parcel) {
  const url = parcel.tracking_url;
  return url?.startsWith("https://") ? el("a", { href: url, rel: "noreferrer", class: "small" }, t("Track at {carrier}", { carrier: carrierOf(parcel) }), el("span", { class: "unseen" }, ` ${t("(another website)")}`)) : null;
}

