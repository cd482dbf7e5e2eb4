// Facts in words: money, times, places, how much time a promise has left.

const LANGUAGE = "en-GB"; // days before months: "3 Dec" is read alike everywhere
const MINUTE = 60_000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

/** "12.34 USD"; the currency is always said. */
export const money = (amount) => `${amount.amount} ${amount.currency}`;

/** "out_for_delivery" → "out for delivery". */
export const words = (code) => String(code ?? "").replaceAll("_", " ");

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** "3 pieces", "1 piece". */
export const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

/** "staff:agent@pledge.example" → "agent@pledge.example". */
export const person = (actor) => String(actor ?? "").replace(/^(staff|customer):/, "");

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

const clockTime = (at) => formatted(at, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

function span(ms) {
  if (ms < HOUR) return `${Math.max(1, Math.round(ms / MINUTE))} min`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ${String(Math.floor((ms % HOUR) / MINUTE)).padStart(2, "0")}`;
  return count(Math.floor(ms / DAY), "day");
}

/**
 * How a clock stands: {state, word}. A clock with a zone is due on a day of that place.
 * state: "kept", "late", "risk" (a quarter of the time or less is left), "rest" (paused, recalled) or "quiet".
 */
export function standing({ due_at: due, started_at: started = null, status = "running", stopped_at: stopped = null, zone }, now = Date.now()) {
  const at = new Date(due).getTime();
  if (status === "kept") return { state: "kept", word: stopped ? `kept ${day(stopped)}` : "kept" };
  if (status === "recalled") return { state: "rest", word: "not needed" };
  if (status === "paused") return { state: "rest", word: "paused" };
  if (status === "breached" && stopped) return { state: "late", word: `${span(new Date(stopped) - at)} late` };
  if (at < now) return { state: "late", word: `${span(now - at)} late` };
  const left = at - now;
  const whole = started ? at - new Date(started).getTime() : null;
  const risk = whole ? left <= whole / 4 : left <= 2 * HOUR;
  if (risk && left < DAY) return { state: "risk", word: `${span(left)} left` };
  const today = day(due) === day(new Date(now)) && day(due, zone) === day(due);
  return { state: risk ? "risk" : "quiet", word: today ? `today ${clockTime(at)}` : day(due, zone) };
}

/** The share of its time that a clock has used, 0 to 1 and above when late; null where its start is not known. */
export function used({ due_at: due, started_at: started, stopped_at: stopped }, now = Date.now()) {
  if (!started) return null;
  const begin = new Date(started).getTime(), end = new Date(due).getTime();
  return end > begin ? Math.max(0, ((stopped ? new Date(stopped).getTime() : now) - begin) / (end - begin)) : 1;
}

/** What a search of names and texts does not do, to be said where it finds nothing. */
export const BEGINNINGS = "Words and numbers are found by how they begin: “lovel” finds Lovelace, “lace” does not.";
