// Facts in words: money, times, places, how much time a promise has left.

import { language, locale, t, tn } from "/web/design/texts.js";

/** How dates are written; in English days stand before months: "3 Dec" is read alike everywhere. */
export const LANGUAGE = language === "en" ? "en-GB" : locale;
const CODE = /^[a-z][a-z0-9 .-]*$/; // no name, no number, no sentence of a person
const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

/** "12.34 USD"; the currency is always said. */
export const money = (amount) => `${amount.amount} ${amount.currency}`;

/** "out_for_delivery" → "out for delivery", in the language of the page where it is a known code. A mailbox stays as it is. */
export const words = (code) => (String(code).includes("@") ? code : said(String(code ?? "").replaceAll("_", " ")));

const said = (text) => (CODE.test(text) ? t(text) : text);

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** "staff:agent@pledge.example" → "agent@pledge.example"; "key:stock-system:ada@…" → "key stock-system". */
export const person = (actor) => String(actor ?? "").replace(/^(staff|customer):/, "").replace(/^key:([^:]*):.*/, (_, name) => t("key {name}", { name }));

/** "one and another", "one or another"; nothing of nothing. */
export const all = (names) => names.reduce((some, last) => (some ? t("{some} and {last}", { some, last }) : last), "");
export const any = (names) => names.reduce((some, last) => (some ? t("{some} or {last}", { some, last }) : last), "");

const BROWSERS = ["Firefox", "Edg", "Chrome", "Safari"], SYSTEMS = ["Windows", "Android", "iPhone", "iPad", "Mac OS", "Linux"];

/** "Chrome on Linux", of what a browser says of itself; that itself where it names none that we know. */
export function device(agent) {
  const [browser, system] = [BROWSERS, SYSTEMS].map((known) => known.find((name) => agent?.includes(name)));
  return browser && system ? t("{browser} on {system}", { browser: browser.replace("Edg", "Edge"), system }) : agent || t("unknown");
}

const formats = new Map();

function formatted(at, style, zone) {
  const name = JSON.stringify([style, zone]);
  if (!formats.has(name)) formats.set(name, new Intl.DateTimeFormat(LANGUAGE, { ...style, timeZone: zone }));
  return formats.get(name).format(at);
}

/** "Thu 3 Dec, 10:42" in the reader's zone, or in `zone`. */
export const moment = (text, zone) =>
  formatted(new Date(text), { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, zone);

/** "Thu 3 Dec". */
export const day = (text, zone) => formatted(new Date(text), { weekday: "short", day: "numeric", month: "short" }, zone);

/** "Dec 2026", of the month in UTC. */
export const month = (text) => formatted(new Date(text), { month: "short", year: "numeric" }, "UTC");

const clockTime = (at) => formatted(at, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function span(ms) {
  if (ms < HOUR) return t("{minutes} min", { minutes: Math.max(1, Math.round(ms / MINUTE)) });
  if (ms < DAY) return t("{hours} h {minutes}", { hours: Math.floor(ms / HOUR), minutes: String(Math.floor((ms % HOUR) / MINUTE)).padStart(2, "0") });
  return tn("{n} day", "{n} days", Math.floor(ms / DAY));
}

/**
 * How a clock stands: {state, word}. A clock with a zone is due on a day of that place.
 * state: "kept", "late", "risk" (a quarter of the time or less is left), "rest" (paused, recalled) or "quiet".
 */
export function standing({ due_at: due, started_at: started = null, status = "running", stopped_at: stopped = null, zone }, now = Date.now()) {
  const at = new Date(due).getTime();
  if (status === "kept") return { state: "kept", word: stopped ? t("kept {day}", { day: day(stopped) }) : t("kept") };
  if (status === "recalled") return { state: "rest", word: t("not needed") };
  if (status === "paused") return { state: "rest", word: t("paused") };
  if (status === "breached" && stopped) return { state: "late", word: t("{span} late", { span: span(new Date(stopped) - at) }) };
  if (at < now) return { state: "late", word: t("{span} late", { span: span(now - at) }) };
  const left = at - now;
  const whole = started ? at - new Date(started).getTime() : null;
  const risk = whole ? left <= whole / 4 : left <= 2 * HOUR;
  if (risk && left < DAY) return { state: "risk", word: t("{span} left", { span: span(left) }) };
  const today = day(due) === day(new Date(now)) && day(due, zone) === day(due);
  return { state: risk ? "risk" : "quiet", word: today ? t("today {time}", { time: clockTime(at) }) : day(due, zone) };
}

/** The share of its time that a clock has used, 0 to 1 and above when late; null where its start is not known. */
export function used({ due_at: due, started_at: started, stopped_at: stopped }, now = Date.now()) {
  if (!started) return null;
  const begin = new Date(started).getTime(), end = new Date(due).getTime();
  return end > begin ? Math.max(0, ((stopped ? new Date(stopped).getTime() : now) - begin) / (end - begin)) : 1;
}

/** What a search of names and texts does not do, to be said where it finds nothing. */
export const BEGINNINGS = t("Words and numbers are found by how they begin: “lovel” finds Lovelace, “lace” does not.");
