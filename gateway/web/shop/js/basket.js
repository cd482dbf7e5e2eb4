// The basket: kept on this device, the same in every tab.
//
//   add({ sku, title, amount, currency }, 2);  setQuantity("MUG", 0);  read().lines;  onChange(draw)
//
// A basket has a key from the first piece on, until it has become an order: however often it is sent, by two tabs, a
// second click or the back button, it is one order. `ordered` remembers which.

import { newKey, store } from "/web/js/api.js";

export const MOST_LINES = 50;
export const MOST_PIECES = 999;
const KEPT = "shop:basket";
const ORDERED = "shop:ordered";
const changed = new EventTarget();
let unkept = null; // where the browser lets pages keep nothing: this page's own

const empty = () => ({ key: newKey(), lines: [] });

function parsed(name) {
  try {
    return JSON.parse(store("local")?.getItem(name) ?? "null");
  } catch {
    return null;
  }
}

function keep(name, value) {
  try {
    store("local").setItem(name, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

/** {key, code?, lines: [{sku, title, amount, currency, quantity, until?}]}; what the customer was shown last. */
export function read() {
  const kept = unkept ?? parsed(KEPT);
  return Array.isArray(kept?.lines) && kept.key ? kept : empty();
}

function write(basket) {
  unkept = keep(KEPT, basket) ? null : basket;
  changed.dispatchEvent(new Event("change"));
}

/** Put pieces in, on top of those that are there. False if there is no room for another product. */
export function add(product, quantity) {
  const basket = read();
  const there = basket.lines.find((line) => line.sku === product.sku);
  if (!there && basket.lines.length >= MOST_LINES) return false;
  if (there) Object.assign(there, product, { quantity: Math.min(there.quantity + quantity, MOST_PIECES) });
  else basket.lines.push({ ...product, quantity });
  write(basket);
  return true;
}

/** Have that many pieces; 0 takes the line out. */
export function setQuantity(sku, quantity) {
  const basket = read();
  for (const line of basket.lines) if (line.sku === sku) line.quantity = quantity;
  write({ ...basket, lines: basket.lines.filter((line) => line.quantity > 0) });
}

/** Show these prices from now on: {sku: {amount, currency, title}}; `was` remembers what was shown before. */
export function reprice(prices) {
  const basket = read();
  let moved = false;
  for (const line of basket.lines) {
    const now = prices[line.sku];
    if (!now || (now.amount === line.amount && now.currency === line.currency)) continue;
    Object.assign(line, now, { was: line.was ?? line.amount });
    moved = true;
  }
  if (moved) write(basket);
}

/** Show from now on by when what is not in stock is expected: {sku: day, or undefined where all is here}. */
export function expect(days) {
  const basket = read(), moved = basket.lines.filter(({ sku, until }) => sku in days && days[sku] !== until);
  for (const line of moved) line.until = days[line.sku];
  if (moved.length) write(basket);
}

/** The last of the days that the customer was shown for what is not in stock; undefined where all is here. */
export const goodsBy = (basket) => basket.lines.map(({ until }) => until).filter(Boolean).sort().at(-1);

/** Use that discount code from now on; null: none. */
export const setCode = (code) => write({ ...read(), code: code ?? undefined });

export const pieces = (basket) => basket.lines.reduce((sum, line) => sum + line.quantity, 0);

/** What the basket costs at the prices that were shown. */
export function total(basket) {
  const cents = basket.lines.reduce((sum, line) => sum + BigInt(line.amount.replace(".", "")) * BigInt(line.quantity), 0n);
  const digits = String(cents).padStart(3, "0");
  return { amount: `${digits.slice(0, -2)}.${digits.slice(-2)}`, currency: basket.lines[0]?.currency ?? "USD" };
}

/** The basket has become that order: the next one has another key. */
export function becameOrder(key, number) {
  keep(ORDERED, { key, number });
  if (read().key === key) write(empty());
}

/** The order that a basket became last, on this device: {key, number} or null. */
export const lastOrder = () => parsed(ORDERED);

/** Begin another order with the same things: the customer wants them once more. */
export const renewKey = () => write({ ...read(), key: newKey() });

/** Call `again` whenever the basket is another one, changed here or in another tab, and when the back button shows an old page. */
export function onChange(again) {
  changed.addEventListener("change", again);
  addEventListener("storage", (event) => (event.key === KEPT || event.key === null) && again());
  addEventListener("pageshow", (event) => event.persisted && again());
}
