// The basket: what is in it, at the prices of now, and whether it is still to be had.

import "./frame.js";
import { call } from "/web/js/api.js";
import { decimal, money } from "/web/js/dom.js";
import { html, nothing, render } from "/web/design/vendor/lit-3.3.3.js";
import { expectedBy } from "./arrival.js";
import { codeField, discountRow, look as lookAtCode, totalRow } from "./discount.js";
import { expect, lastOrder, MOST_PIECES, onChange, read, reprice, setQuantity, total } from "./basket.js";
import { parts, t } from "/web/design/texts.js";

const place = document.getElementById("basket");
const found = new Map(); // by SKU: the product as it is now, null for one that is gone
let unread = false;

const path = (sku) => sku.split("/").map(encodeURIComponent).join("/");

/** Read the products of the basket that were not read yet; their prices are shown from then on. */
async function look() {
  const unknown = read().lines.filter(({ sku }) => !found.has(sku));
  unread = false;
  await Promise.all(unknown.map(async ({ sku }) => {
    try {
      found.set(sku, await call("GET", `/v1/products/${path(sku)}`));
    } catch (problem) {
      if (problem.status === 404) found.set(sku, null);
      else unread = true;
    }
  }));
  reprice(Object.fromEntries([...found].filter(([, product]) => product).map(([sku, product]) => [sku, { title: product.title, ...product.price }])));
  expect(Object.fromEntries(read().lines.filter(({ sku }) => found.get(sku)).map((line) => [line.sku, later(line)])));
  const moved = await lookAtCode();
  for (const { sku, unit_price } of moved) if (found.get(sku)) found.set(sku, { ...found.get(sku), price: unit_price });
  reprice(Object.fromEntries(moved.map(({ sku, unit_price }) => [sku, unit_price])));
  draw();
}

/** The day by which what is not in stock of a line is expected; undefined where all is here, or none can be ordered. */
function later({ sku, quantity }) {
  const { available, backorder } = found.get(sku);
  return available < quantity && backorder && quantity <= available + backorder.left ? backorder.until : undefined;
}

/** What keeps a line from being ordered, in words; null where nothing does. */
function trouble(line) {
  if (!found.has(line.sku)) return null;
  const product = found.get(line.sku);
  if (!product?.active) return t("No longer for sale. Take it out to go on.");
  if (later(line)) return null;
  if (product.available === 0) return t("Sold out since you chose it. Take it out to go on.");
  const available = product.available + (product.backorder?.left ?? 0);
  return available < line.quantity ? t("Only {available} left. Take fewer to go on.", { available }) : null;
}

function change(line, event) {
  const wanted = Number(event.target.value);
  if (Number.isInteger(wanted) && wanted >= 1 && wanted <= MOST_PIECES) setQuantity(line.sku, wanted);
  else event.target.value = line.quantity;
}

function take(line) {
  setQuantity(line.sku, 0);
  document.getElementById("title").focus();
}

function row(line, at) {
  const wrong = trouble(line);
  const all = total({ lines: [line] });
  return html`<li>
    <div><a href="/shop/products/${path(line.sku)}">${line.title}</a><span class="of">${t("{amount} each", { amount: money(line) })}</span>
      ${line.was ? html`<span class="state risk">${t("The price was {before} when you chose it, and is {now} now.", { before: money({ amount: line.was, currency: line.currency }), now: money(line) })}</span>` : nothing}
      ${line.until ? html`<span class="state risk">${expectedBy(line.until)}</span>` : nothing}
      ${wrong ? html`<span class="state late" id="wrong-${at}">${wrong}</span>` : nothing}</div>
    <div class="row"><label class="unseen" for="pieces-${at}">${t("Pieces of {product}", { product: line.title })}</label>
      <input class="pieces" id="pieces-${at}" type="number" inputmode="numeric" min="1" max=${MOST_PIECES} .value=${String(line.quantity)} aria-describedby=${wrong ? `wrong-${at}` : nothing} @change=${(event) => change(line, event)}>
      <button type="button" class="link" @click=${() => take(line)}>${t("Take out")}<span class="unseen"> ${line.title}</span></button></div>
    <span class="num">${money(all)}</span></li>`;
}

function emptyBasket() {
  const last = lastOrder();
  return html`<div class="stack-s"><p>${t("There is nothing in it.")}</p>
    ${last ? html`<p>${parts("Your last order is {link}.", { link: html`<a href="/orders/${last.number}">${last.number}</a>` })}</p>` : nothing}
    <p><a class="btn" href="/shop">${t("Look around")}</a></p></div>`;
}

function draw() {
  const basket = read();
  place.removeAttribute("aria-busy");
  if (!basket.lines.length) return render(emptyBasket(), place);
  const wrong = basket.lines.some(trouble);
  render(html`<div class="cols"><section class="card" aria-label=${t("Things")}><ul class="goods three">${basket.lines.map(row)}</ul></section>
    <section class="card sticky" aria-labelledby="sum-title"><h2 id="sum-title" tabindex="-1">${t("What it costs")}</h2>
      <dl class="sum"><div><dt>${t("Goods")}</dt><dd>${money(total(basket))}</dd></div>${discountRow(basket)}<div class="zero"><dt>${t("Shipping")}</dt><dd>${decimal("0.00")}</dd></div><div class="zero"><dt>${t("Duties and fees")}</dt><dd>${decimal("0.00")}</dd></div>${totalRow(basket)}</dl>
      ${codeField(draw, look)}
      ${unread ? html`<p class="box ask">${t("We could not look whether all of it is still there. You can go on: it is looked at again before you pay.")}</p>` : nothing}
      ${wrong ? html`<p class="box ask">${t("Something in the basket cannot be ordered as it is.")}</p>` : html`<a class="btn wide" href="/shop/checkout">${t("To the checkout")}</a>`}
      <p class="small soft">${t("Nothing is kept for you yet. It is as soon as you place the order.")}</p></section></div>`, place);
}

onChange(() => look());
addEventListener("focus", () => {
  found.clear(); // who comes back after a while sees what it is now
  look();
});
draw();
await look();
