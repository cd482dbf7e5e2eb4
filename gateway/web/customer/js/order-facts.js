// What the carrier tells of a parcel beside its scans: when it expects it, where it waits, who took it.

import { dayIn, el, place, time, words } from "./dom.js";
import { parts, t, tn } from "/web/design/texts.js";

/** What will not arrive, unless it turns up: nothing is expected of it any more. */
export const GONE = ["lost", "returning", "returned", "cancelled"];
const REASONS = { nobody_there: t("nobody was there"), refused: t("it was not accepted"), address_correction: t("the address was not right"), inaccessible: t("it could not get there"), security: t("it could not get in"), payment_due: t("it asked for money, which we pay") };

/** A day as the carrier wrote it, which is that day wherever it is read. */
export const dayOf = (text) => {
  const shown = time(`${text}T12:00:00Z`, { style: "long", zone: "UTC" });
  shown.setAttribute?.("datetime", text);
  shown.removeAttribute?.("title");
  return shown;
};
const days = (first, last) => (first === last ? [dayOf(first)] : parts("between {first} and {last}", { first: dayOf(first), last: dayOf(last) }));
const on = (first, last) => (first === last ? parts("on {day}", { day: dayOf(first) }) : days(first, last));
export const isPast = (text, zone) => text < dayIn(new Date().toISOString(), zone).toISOString().slice(0, 10);
const away = (url, text) => el("a", { href: url, rel: "noreferrer" }, text, el("span", { class: "unseen" }, ` ${t("(another website)")}`));
const safe = (url) => (url?.startsWith("https://") ? url : null);

/** Where it waits for its customer, until when, and when one can go there: what there is to do about it. */
export function pickUpOf(parcel, zone) {
  if (parcel.status !== "available_for_pickup" || parcel.closed_at) return null;
  const at = parcel.facts?.pick_up;
  if (!at) return el("p", { class: "box ask pick-up" }, [t("It waits for you to fetch it."), seen(parcel), t("Please ask it by the tracking number where, and until when.")].join(" "));
  const named = [at.name, at.address].filter(Boolean);
  const over = at.until && isPast(at.until, zone);
  return el("div", { class: "box ask pick-up" },
    el("p", {}, ...waits(over, at.until, [el("strong", {}, named[0]), named[1] ? `, ${named[1]}` : ""])),
    at.hours ? el("p", {}, t("Open: {hours}", { hours: at.hours })) : null, at.note ? el("p", {}, t("The carrier adds: {note}", { note: at.note })) : null);
}

function waits(over, until, at) {
  const values = { place: at, day: until && el("strong", {}, dayOf(until)) };
  if (over) return parts("It waited for you at {place}; the carrier kept it until {day}. Please ask the carrier where it is now.", values);
  return until ? parts("It waits for you at {place} until {day}.", values) : parts("It waits for you at {place}.", values);
}

/** All that is known of where it waits, when the carrier does not name the place. */
function seen({ events = [] }) {
  const scan = [...events].reverse().find(({ status, location }) => status === "available_for_pickup" && location);
  return scan ? t("The carrier scanned it in {place}, and names no place.", { place: scan.location }) : t("The carrier names no place.");
}

/** The rest, as a list of sentences; nothing where nothing was told. */
export function factsOf(parcel, zone) {
  const { carrier_eta: eta, attempts = [], handed_on: next, received_by: who, signature_url: signature, photo_url: photo, position } = parcel.facts ?? {};
  const arrived = parcel.delivered_at || parcel.status === "delivered", over = arrived || parcel.closed_at || GONE.includes(parcel.status);
  const lines = [
    eta && !over && parcel.status !== "available_for_pickup" ? expected(eta, zone) : null,
    attempts.length && !arrived ? tried(attempts, zone) : null,
    next ? handedOn(next) : null,
    who ? el("li", {}, ...parts("The carrier wrote down who took it: {who}.", { who: el("strong", {}, who) })) : null,
    safe(signature) || safe(photo) ? el("li", {}, ...parts("Its proof: {proof}.", { proof: [safe(photo) ? away(photo, t("photo")) : "", safe(photo) && safe(signature) ? ", " : "", safe(signature) ? away(signature, t("signature")) : ""] })) : null,
    position && !over ? el("li", {}, away(mapOf(position), t("Where it was")), " ", time(position.at, { zone }), ".") : null,
  ].filter(Boolean);
  return lines.length ? el("ul", { class: "told small" }, ...lines) : null;
}

function handedOn({ carrier_name: name, tracking_number: number, tracking_url: url }) {
  const carrier = name ? words(name) : t("a carrier near you"), there = number && (safe(url) ? away(url, number) : el("span", { class: "number-of" }, number));
  return el("li", {}, ...(number ? parts("Handed on to {carrier}, which has it as {number}.", { carrier, number: there }) : parts("Handed on to {carrier}.", { carrier })));
}

function expected({ first, last, first_said: before }, zone) {
  if (isPast(last, zone)) return el("li", {}, ...parts("The carrier had expected to deliver it by {day} and has named no other day.", { day: dayOf(last) }));
  const values = { days: on(first, last), before: before?.length ? days(...before) : [] };
  return el("li", {}, ...(before?.length ? parts("The carrier itself expects to deliver it {days}; at first it said {before}. What we promised stays as it is.", values)
    : parts("The carrier itself expects to deliver it {days}. What we promised stays as it is.", values)));
}

function tried(attempts, zone) {
  const each = attempts.map(({ at, reason }) => [time(at, { style: "day", zone }), reason ? ` (${REASONS[reason] ?? words(reason).toLowerCase()})` : ""]);
  return el("li", {}, ...parts("The carrier tried to hand it over {times}: {each}, in {place} time.", {
    times: tn("once", "{n} times", attempts.length), each: each.flatMap((one, index) => (index ? [", ", ...one] : one)), place: place(zone),
  }));
}

const mapOf = ({ latitude, longitude }) => `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=13/${latitude}/${longitude}`;
