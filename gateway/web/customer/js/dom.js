// Making elements. Text is only ever set as text: nothing a person wrote is parsed as HTML.

import { language, locale } from "/web/design/texts.js";

/** An element: el("p", {class: "soft"}, "text", otherElement). Attributes that are null, undefined or false are left out. */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const find = (selector, root = document) => root.querySelector(selector);

/** Replace what an element holds. */
export function fill(target, ...children) {
  target.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
  return target;
}

/** Replace what an element holds, unless it holds the same already. Who was on a control in it is on its like again. */
export function refill(target, ...children) {
  const next = document.createDocumentFragment();
  next.append(...children.filter((child) => child !== null && child !== undefined));
  const [now, then] = [[...target.childNodes], [...next.childNodes]];
  if (now.length === then.length && now.every((node, index) => node.isEqualNode(then[index]))) return;
  const held = target.contains(document.activeElement) ? document.activeElement : null;
  const nameOf = (control) => control.id || control.getAttribute("href") || control.parentElement.dataset.of || control.textContent;
  target.replaceChildren(next);
  if (held) [...target.querySelectorAll(held.localName)].find((each) => nameOf(each) === nameOf(held))?.focus({ preventScroll: true });
}

/** The reader's own time zone, e.g. Europe/Berlin. */
export const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const formats = new Map();

function format(at, style, zone) {
  const name = JSON.stringify([style, zone]);
  if (!formats.has(name)) formats.set(name, new Intl.DateTimeFormat(locale, { ...style, timeZone: zone }));
  return formats.get(name).format(at);
}

const CLOCK = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

/** The year, where it is another one than ours. */
const year = (at) => (at.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" });

const STYLES = {
  moment: (at) => ({ weekday: "short", day: "numeric", month: "short", ...year(at), ...CLOCK }),
  day: (at) => ({ weekday: "short", day: "numeric", month: "short", ...year(at) }),
  long: (at) => ({ weekday: "long", day: "numeric", month: "long", ...year(at) }),
  clock: () => CLOCK,
};

/**
 * A <time>, in the reader's zone or in `zone`; the exact UTC time is in its title.
 * style: "moment" (Fri 11 Dec, 18:00), "day" (Fri 11 Dec), "long" (Friday 11 December) or "clock" (18:00).
 * A day that was promised somewhere is that place's day: give its zone, and name it beside.
 */
export function time(text, { style = "moment", zone = timeZone } = {}) {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return document.createTextNode("");
  return el("time", { datetime: text, title: text }, format(at, STYLES[style](at), zone));
}

/** The day on which something happens in a zone, as a Date at noon UTC: days can be counted with it. */
export function dayIn(text, zone) {
  const parts = new Intl.DateTimeFormat("en-CA", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone }).format(new Date(text));
  return new Date(`${parts}T12:00:00Z`);
}

/** A drawing: draw("svg", {viewBox: "0 0 8 8"}, draw("rect", …)). Attributes only, as the content policy wants it. */
export function draw(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const ICONS = {
  card: "M3 6h18v12H3zM3 10h18",
  bag: "M5 8h14l1 12H4zM9 8V6a3 3 0 016 0v2",
  check: "M4 12.5l5.5 5.5L20 6.5",
  look: "M10.5 4a6.5 6.5 0 100 13 6.5 6.5 0 000-13zM15.5 15.5L21 21",
  truck: "M2 6h12v11H2zM14 10h4.5L22 13.5V17h-8zM7 20a2 2 0 100-4 2 2 0 000 4zM17.5 20a2 2 0 100-4 2 2 0 000 4z",
  home: "M3 11.5L12 4l9 7.5M5.5 10v10.5h13V10M10 20.5v-6h4v6",
  clock: "M12 3a9 9 0 100 18 9 9 0 000-18zM12 7v5l3.5 2",
  risk: "M12 3.5L22 20.5H2zM12 10v4.5M12 17.6v.1",
  late: "M8 2.8h8L21.2 8v8L16 21.2H8L2.8 16V8zM12 7.5v5.5M12 16.4v.1",
  rest: "M8 5v14M16 5v14",
};

/** A sign; words always stand beside it. */
export const icon = (name) => draw("svg", { class: "i", viewBox: "0 0 24 24", "aria-hidden": "true" }, draw("path", { d: ICONS[name] }));

/** How much of something is used or full, as a bar: `share` 0 to 1, in the colour of `state`. */
export const bar = (share, state = "", from = 0) => draw("svg", { class: `bar ${state}`, viewBox: "0 0 100 8", preserveAspectRatio: "none", "aria-hidden": "true" },
  draw("rect", { class: "track", width: 100, height: 8 }),
  ...(from ? [draw("rect", { class: "span", x: from * 100, width: 100 - from * 100, height: 8 })] : []),
  draw("rect", { class: "fill", width: Math.max(0.02, Math.min(1, share)) * 100, height: 8 }));

/** "America/New_York" → "New York". */
export const place = (zone) => zone.split("/").pop().replaceAll("_", " ");

const POINT = language === "en" ? "." : new Intl.NumberFormat(locale).formatToParts(0.5).find(({ type }) => type === "decimal").value;

/** "12.34", as the language of the page writes it; all digits of it, for it may be more than a number holds. */
export const decimal = (amount) => amount.replace(".", POINT);

/** "12.34 USD"; the currency is always said. */
export const money = (amount) => `${decimal(amount.amount)} ${amount.currency}`;

/** The sum of amounts of one currency, to the cent. */
export function sum(amounts) {
  const cents = amounts.reduce((total, { amount }) => total + BigInt(amount.replace(".", "")), 0n);
  const digits = String(cents).padStart(3, "0");
  return { amount: `${digits.slice(0, -2)}.${digits.slice(-2)}`, currency: amounts[0]?.currency ?? "USD" };
}

/** "DE" → "Germany", in the language of the page; the code itself where it is nobody's. */
export function country(code) {
  try {
    return new Intl.DisplayNames(document.documentElement.lang, { type: "region" }).of(code);
  } catch {
    return code;
  }
}

const CODE_LAST = "{{codes_last}}".split(" "); // countries whose post has the postal code behind the city

/** An address as an envelope shows it, line by line; parts that are empty are left out. */
export function addressLines(address) {
  const { name, company, line1, line2, postal_code: code, city, region } = address;
  const parts = CODE_LAST.includes(address.country) ? [city, [region, code]] : [[code, city], region];
  const town = parts.map((part) => [part].flat().filter(Boolean).join(" ")).filter(Boolean).join(", ");
  return [name, company, line1, line2, town, address.country && country(address.country)].filter(Boolean);
}

/** "out_for_delivery" → "Out for delivery". */
export function words(code) {
  const text = String(code ?? "").replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A label, a hint, an error place and a control, tied together for assistive technology. */
export function field(control, label, hint = "") {
  const id = control.id;
  const described = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" ");
  control.setAttribute("aria-describedby", described);
  return el(
    "div",
    { class: "field" },
    el("label", { for: id }, label),
    hint ? el("p", { class: "hint", id: `${id}-hint` }, hint) : null,
    el("p", { class: "error", id: `${id}-error`, hidden: true }),
    control,
  );
}
