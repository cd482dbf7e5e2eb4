// By when it would be at the customer's door, in the country that they chose; the choice is kept on this device.

import { call, store } from "/web/js/api.js";
import { time } from "/web/js/dom.js";
import { html, nothing, render } from "/web/design/vendor/lit-3.3.3.js";
import { t } from "/web/design/texts.js";

const KEPT = "shop:to";
const lang = document.documentElement.lang;
const names = new Intl.DisplayNames(lang, { type: "region" });

/** "DE" → "Germany". */
export const countryName = (code) => names.of(code) ?? code;

/** The countries that we ship to, by name: [{country, name}]. */
export async function destinations() {
  const { items } = await call("GET", "/v1/addresses");
  return items.map(({ country }) => ({ country, name: countryName(country) })).sort((one, other) => one.name.localeCompare(other.name, lang));
}

/** Where the reader has things sent to, as far as this device can tell: "DE", or "". */
export function chosenCountry(served) {
  const guesses = [kept(), ...navigator.languages.map((tag) => new Intl.Locale(tag).region)];
  return guesses.find((code) => served.some(({ country }) => country === code)) ?? "";
}

function kept() {
  try {
    return store("local")?.getItem(KEPT);
  } catch {
    return null;
  }
}

export function choose(country) {
  try {
    store("local")?.setItem(KEPT, country);
  } catch {
    // nothing can be kept here
  }
}

/** "Mon, 14 Dec", as that place's day, written as on the order page. */
const day = (at, zone) => time(at, { style: "day", zone }).textContent;

/** What is said of goods that are not in stock: by when they are expected. */
export const expectedBy = (until) => t("Not in stock: expected by {day}.", { day: day(`${until}T12:00:00Z`, "UTC") });

/** Ask by when something would arrive; `where` may have region, postal_code and city. */
export function estimate(country, where = {}) {
  const known = new URLSearchParams(Object.entries(where).filter(([, value]) => value));
  return call("GET", `/v1/addresses/${country}/delivery?${known}`);
}

/** The window as a sentence with its reason. */
export const window_ = (found, country) => html`
  <p class="byline"><span class="small soft">${t("Paid today, it is at your door between")}</span>
  <b>${t("{first} and {last}", { first: day(found.earliest_at, found.time_zone), last: day(found.due_at, found.time_zone) })}</b>
  <span class="small soft">${t("It leaves us by {day} at the latest. Duties and fees there ({country}) are included.", { day: day(found.leaves_by, found.leaves_zone), country: countryName(country) })}</span>
  ${found.provisional ? html`<span class="small soft">${t("Public holidays of that time may still be moved.")}</span>` : nothing}</p>`;

/** Let the reader choose a country in the page, and show the window; what stood there for readers without a script goes. */
export async function showArrival() {
  const select = document.getElementById("to"), place = document.getElementById("arrives");
  const served = await destinations();
  const asked = chosenCountry(served);
  render(html`<option value="" ?selected=${!asked}>${t("Choose a country")}</option>
    ${served.map(({ country, name }) => html`<option value=${country} ?selected=${country === asked}>${name}</option>`)}`, select);
  select.parentElement.hidden = false;
  place.replaceChildren();
  const show = async () => {
    const country = select.value;
    if (!country) return render(html`<p class="small soft">${t("Choose a country to see the day.")}</p>`, place);
    choose(country);
    const found = await estimate(country);
    if (select.value === country) render(window_(found, country), place);
  };
  const tried = () => show().catch(() => render(html`<p class="small soft">${t("We cannot tell the day just now.")}</p>`, place));
  select.addEventListener("change", tried);
  await tried();
}
