// Making elements. Text is only ever set as text: nothing a person wrote is parsed as HTML.

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

/** The reader's own time zone, e.g. Europe/Berlin. */
export const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

const formats = new Map();

function format(dateOnly, zone) {
  const name = `${dateOnly} ${zone}`;
  if (!formats.has(name)) {
    const style = dateOnly ? { dateStyle: "long" } : { dateStyle: "medium", timeStyle: "short" };
    formats.set(name, new Intl.DateTimeFormat(document.documentElement.lang, { ...style, timeZone: zone }));
  }
  return formats.get(name);
}

/**
 * A <time>, in the reader's zone or in `zone`; the exact UTC time is in its title.
 * A day that was promised somewhere is that place's day: give its zone, and name it beside.
 */
export function time(text, { dateOnly = false, zone = timeZone } = {}) {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return document.createTextNode("");
  return el("time", { datetime: text, title: text }, format(dateOnly, zone).format(at));
}

/** "America/New_York" → "New York". */
export const place = (zone) => zone.split("/").pop().replaceAll("_", " ");

/** "12.34 USD"; the currency is always said. */
export const money = (amount) => `${amount.amount} ${amount.currency}`;

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
