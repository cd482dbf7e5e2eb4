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

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const moment = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
const day = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "long" });

/** The reader's own time zone, e.g. Europe/Berlin. */
export const timeZone = zone;

/** A <time> in the reader's zone; the exact UTC time is in its title. */
export function time(text, { dateOnly = false } = {}) {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return document.createTextNode("");
  return el("time", { datetime: text, title: text }, (dateOnly ? day : moment).format(at));
}

/** "$12.34"; the currency is always USD and said so. */
export const money = (amount) => `${amount.amount} ${amount.currency}`;

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
