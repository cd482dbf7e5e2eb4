// A product: the server writes it; this adds the day of arrival and the basket.

import "./frame.js";
import { countryName, expectedBy, showArrival } from "./arrival.js";
import { MOST_LINES, add, pieces, read } from "./basket.js";
import { html, nothing, render } from "/web/design/vendor/lit-3.3.3.js";
import { t, tn } from "/web/design/texts.js";

for (const place of document.querySelectorAll("[data-country]")) place.textContent = countryName(place.dataset.country);

const form = document.getElementById("add");
const error = document.getElementById("add-error");
const added = document.getElementById("added");

function refuse(words) {
  Object.assign(error, { textContent: words, hidden: false });
  form.elements.quantity.setAttribute("aria-invalid", "true");
  form.elements.quantity.focus();
}

function put(event) {
  event.preventDefault();
  const { sku, title, amount, currency } = form.dataset;
  const stock = Number(form.dataset.available), available = stock + Number(form.dataset.left ?? 0), wanted = Number(form.elements.quantity.value);
  const there = read().lines.find((line) => line.sku === sku)?.quantity ?? 0;
  error.hidden = true;
  form.elements.quantity.removeAttribute("aria-invalid");
  if (!Number.isInteger(wanted) || wanted < 1) return refuse(t("How many pieces? Write a whole number, 1 or more."));
  if (there + wanted > available) return refuse(there ? t("We have {available}, and {there} of them are in your basket.", { available, there }) : t("We have only {available}.", { available }));
  const until = there + wanted > stock ? form.dataset.until : undefined; // not all of it is here
  if (!add({ sku, title, amount, currency, until }, wanted)) return refuse(t("A basket holds {most} products. Please order these first.", { most: MOST_LINES }));
  render(html`<p class="box good"><span>${tn("{n} × {product} is in your basket.", "{n} × {product} are in your basket.", wanted, { product: title })}${until ? html` ${expectedBy(until)}` : nothing}</span> <a class="btn" href="/shop/basket">${tn("Go to the basket, {n} piece", "Go to the basket, {n} pieces", pieces(read()))}</a></p>`, added);
}

if (form) {
  form.noValidate = true;
  form.hidden = false;
  form.addEventListener("submit", put);
}
showArrival().catch(() => null);
