// What the carrier tells of a parcel beside its scans: when it expects it, where it waits, who took it.

import { dayIn, el, place, time, words } from "./dom.js";

/** What will not arrive, unless it turns up: nothing is expected of it any more. */
export const GONE = ["lost", "returning", "returned", "cancelled"];
const REASONS = { nobody_there: "nobody was there", refused: "it was not accepted", address_correction: "the address was not right", inaccessible: "it could not get there", security: "it could not get in", payment_due: "it asked for money, which we pay" };

/** A day as the carrier wrote it, which is that day wherever it is read. */
export const dayOf = (text) => {
  const shown = time(`${text}T12:00:00Z`, { style: "long", zone: "UTC" });
  shown.setAttribute?.("datetime", text);
  shown.removeAttribute?.("title");
  return shown;
};
const days = (first, last) => (first === last ? [dayOf(first)] : ["between ", dayOf(first), " and ", dayOf(last)]);
const on = (first, last) => (first === last ? ["on ", ...days(first, last)] : days(first, last));
export const isPast = (text, zone) => text < dayIn(new Date().toISOString(), zone).toISOString().slice(0, 10);
const away = (url, text) => el("a", { href: url, rel: "noreferrer" }, text, el("span", { class: "unseen" }, " (another website)"));
const safe = (url) => (url?.startsWith("https://") ? url : null);

/** Where it waits for its customer, until when, and when one can go there: what there is to do about it. */
export function pickUpOf(parcel, zone) {
  if (parcel.status !== "available_for_pickup" || parcel.closed_at) return null;
  const at = parcel.facts?.pick_up;
  if (!at) return el("p", { class: "box ask pick-up" }, `It waits for you to fetch it. ${seen(parcel)}Please ask it by the tracking number where, and until when.`);
  const named = [at.name, at.address].filter(Boolean);
  const over = at.until && isPast(at.until, zone);
  const until = at.until ? [over ? "; the carrier kept it until " : " until ", el("strong", {}, dayOf(at.until))] : [];
  return el("div", { class: "box ask pick-up" },
    el("p", {}, over ? "It waited for you at " : "It waits for you at ", el("strong", {}, named[0]), named[1] ? `, ${named[1]}` : null, ...until, over ? ". Please ask the carrier where it is now." : "."),
    at.hours ? el("p", {}, `Open: ${at.hours}`) : null, at.note ? el("p", {}, `The carrier adds: ${at.note}`) : null);
}

/** All that is known of where it waits, when the carrier does not name the place. */
function seen({ events = [] }) {
  const scan = [...events].reverse().find(({ status, location }) => status === "available_for_pickup" && location);
  return scan ? `The carrier scanned it in ${scan.location}, and names no place. ` : "The carrier names no place. ";
}

/** The rest, as a list of sentences; nothing where nothing was told. */
export function factsOf(parcel, zone) {
  const { carrier_eta: eta, attempts = [], handed_on: next, received_by: who, signature_url: signature, photo_url: photo, position } = parcel.facts ?? {};
  const arrived = parcel.delivered_at || parcel.status === "delivered", over = arrived || parcel.closed_at || GONE.includes(parcel.status);
  const lines = [
    eta && !over && parcel.status !== "available_for_pickup" ? expected(eta, zone) : null,
    attempts.length && !arrived ? tried(attempts, zone) : null,
    next ? handedOn(next) : null,
    who ? el("li", {}, "The carrier wrote down who took it: ", el("strong", {}, who), ".") : null,
    safe(signature) || safe(photo) ? el("li", {}, "Its proof: ", safe(photo) ? away(photo, "photo") : null, safe(photo) && safe(signature) ? ", " : null, safe(signature) ? away(signature, "signature") : null, ".") : null,
    position && !over ? el("li", {}, away(mapOf(position), "Where it was"), " ", time(position.at, { zone }), ".") : null,
  ].filter(Boolean);
  return lines.length ? el("ul", { class: "told small" }, ...lines) : null;
}

function handedOn({ carrier_name: name, tracking_number: number, tracking_url: url }) {
  const there = number ? [", which has it as ", safe(url) ? away(url, number) : el("span", { class: "number-of" }, number)] : [];
  return el("li", {}, `Handed on to ${name ? words(name) : "a carrier near you"}`, ...there, ".");
}

function expected({ first, last, first_said: before }, zone) {
  if (isPast(last, zone)) return el("li", {}, "The carrier had expected to deliver it by ", dayOf(last), " and has named no other day.");
  return el("li", {}, "The carrier itself expects to deliver it ", ...on(first, last), ...(before?.length ? ["; at first it said ", ...days(...before)] : []), ". What we promised stays as it is.");
}

function tried(attempts, zone) {
  const each = attempts.map(({ at, reason }) => [time(at, { style: "day", zone }), reason ? ` (${REASONS[reason] ?? words(reason).toLowerCase()})` : ""]);
  return el("li", {}, `The carrier tried to hand it over ${attempts.length === 1 ? "once" : `${attempts.length} times`}: `, ...each.flatMap((one, index) => (index ? [", ", ...one] : one)), `, in ${place(zone)} time.`);
}

const mapOf = ({ latitude, longitude }) => `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=13/${latitude}/${longitude}`;
