// What carriers tell of a parcel beside its scans, for staff: one line each.

import { at, html, nothing, parts, t, tn } from "./parts.js";
import { LANGUAGE, words } from "./words.js";

const DAY = new Intl.DateTimeFormat(LANGUAGE, { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
const day = (text) => html`<time datetime=${text}>${DAY.format(new Date(`${text}T12:00:00Z`))}</time>`;
const days = (first, last) => (first === last ? day(first) : parts("{first} to {last}", { first: day(first), last: day(last) }));
const away = (url, text) => (url?.startsWith("https://") ? html`<a href=${url} rel="noreferrer">${text}</a>` : text);
const OVER = ["available_for_pickup", "delivered", "returned", "cancelled"];

const onMap = ({ latitude, longitude }) => away(`https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=13/${latitude}/${longitude}`, `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`);

function placeOf({ name, address, until }) {
  const place = [name, address].filter(Boolean).join(", ");
  return until ? parts("Waits at {place} until {until}", { place, until: day(until) }) : t("Waits at {place}", { place });
}

function handedOn(carrier, { tracking_number: number, tracking_url: url }) {
  return number ? parts("Handed on to {carrier} as {number}", { carrier, number: html`<span class="mono">${away(url, number)}</span>` }) : t("Handed on to {carrier}", { carrier });
}

/** How long parcels took on this lane: by enough of them it is judged. */
function usualOf({ days_half: half, days_most: most, deliveries, counts }) {
  const days = half === most ? tn("{n} day", "{n} days", most) : t("{half} to {most} days", { half, most });
  return counts ? t("Usually {days} (n {deliveries})", { days, deliveries }) : t("{days} so far (n {deliveries}), too few to judge by", { days, deliveries });
}

/** The lines, as they stand below the state of a parcel. */
export function factsOf({ status, facts, usual }) {
  if (!facts) return nothing;
  const { carrier_eta: eta, pick_up: place, attempts, handed_on: next, received_by: who, signature_url: signature, photo_url: photo, position } = facts;
  const lines = [
    usual && !OVER.includes(status) ? usualOf(usual) : null,
    eta && !OVER.includes(status) ? html`${parts("Carrier expects it {days}", { days: days(eta.first, eta.last) })}${eta.first_said.length ? html`, ${parts("at first {days}", { days: days(...eta.first_said) })}` : nothing}${eta.said_at ? html`, ${parts("said {at}", { at: at(eta.said_at) })}` : nothing}` : null,
    place ? html`${placeOf(place)}${place.hours ? `, ${t("open {hours}", { hours: place.hours })}` : nothing}${place.note ? html`; ${place.note}` : nothing}` : null,
    attempts.length ? html`${tn("{n} failed attempt", "{n} failed attempts", attempts.length)}: ${attempts.map(({ at: when, reason }, index) => html`${index ? ", " : nothing}${at(when)}${reason ? html` (${words(reason)})` : nothing}`)}` : null,
    next ? handedOn(next.carrier_name ?? t("a local carrier"), next) : null,
    who || signature || photo ? html`${who ? t("Taken by {who}", { who }) : t("Taken by someone who is not named")}${photo ? html`, ${away(photo, t("photo"))}` : nothing}${signature ? html`, ${away(signature, t("signature"))}` : nothing}` : null,
    position ? parts("Was at {place} {at}", { place: onMap(position), at: at(position.at) }) : null,
  ].filter(Boolean);
  return lines.map((line) => html`<span class="d told">${line}</span>`);
}
