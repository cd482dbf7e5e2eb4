// What carriers tell of a parcel beside its scans, for staff: one line each.

import { at, html, nothing } from "./parts.js";
import { count, words } from "./words.js";

const DAY = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" });
const day = (text) => html`<time datetime=${text}>${DAY.format(new Date(`${text}T12:00:00Z`))}</time>`;
const days = (first, last) => (first === last ? day(first) : html`${day(first)} to ${day(last)}`);
const away = (url, text) => (url?.startsWith("https://") ? html`<a href=${url} rel="noreferrer">${text}</a>` : text);
const OVER = ["available_for_pickup", "delivered", "returned", "cancelled"];

/** The lines, as they stand below the state of a parcel. */
export function factsOf({ status, facts }) {
  if (!facts) return nothing;
  const { carrier_eta: eta, pick_up: place, attempts, handed_on: next, received_by: who, signature_url: signature, photo_url: photo, position } = facts;
  const lines = [
    eta && !OVER.includes(status) ? html`Carrier expects it ${days(eta.first, eta.last)}${eta.first_said.length ? html`, at first ${days(...eta.first_said)}` : nothing}${eta.said_at ? html`, said ${at(eta.said_at)}` : nothing}` : null,
    place ? html`Waits at ${[place.name, place.address].filter(Boolean).join(", ")}${place.until ? html` until ${day(place.until)}` : nothing}${place.hours ? html`, open ${place.hours}` : nothing}${place.note ? html`; ${place.note}` : nothing}` : null,
    attempts.length ? html`${count(attempts.length, "failed attempt")}: ${attempts.map(({ at: when, reason }, index) => html`${index ? ", " : nothing}${at(when)}${reason ? html` (${words(reason)})` : nothing}`)}` : null,
    next ? html`Handed on to ${next.carrier_name ?? "a local carrier"}${next.tracking_number ? html` as <span class="mono">${away(next.tracking_url, next.tracking_number)}</span>` : nothing}` : null,
    who || signature || photo ? html`Taken by ${who ?? "someone who is not named"}${photo ? html`, ${away(photo, "photo")}` : nothing}${signature ? html`, ${away(signature, "signature")}` : nothing}` : null,
    position ? html`Was at ${away(`https://www.openstreetmap.org/?mlat=${position.latitude}&mlon=${position.longitude}#map=13/${position.latitude}/${position.longitude}`, `${position.latitude.toFixed(4)}, ${position.longitude.toFixed(4)}`)} ${at(position.at)}` : null,
  ].filter(Boolean);
  return lines.map((line) => html`<span class="d told">${line}</span>`);
}
