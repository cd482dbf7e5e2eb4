// A product: the server writes it; this adds the day of arrival and the basket.

import "./frame.js";
import { countryName, showArrival } from "./arrival.js";
import { MOST_LINES, add, pieces, read } from "./basket.js";
import { html, render } from "/web/design/vendor/lit-3.3.3.js";

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
  const available = Number(form.dataset.available), wanted = Number(form.elements.quantity.value);
  const there = read().lines.find((line) => line.sku === sku)?.quantity ?? 0;
  error.hidden = true;
  form.elements.quantity.removeAttribute("aria-invalid");
  if (!Number.isInteger(wanted) || wanted < 1) return refuse("How many pieces? Write a whole number, 1 or more.");
  if (there + wanted > available) return refuse(there ? `We have ${available}, and ${there} of them are in your basket.` : `We have only ${available}.`);
  if (!add({ sku, title, amount, currency }, wanted)) return refuse(`A basket holds ${MOST_LINES} products. Please order these first.`);
  render(html`<p class="box good"><span>${wanted} × ${title} ${wanted === 1 ? "is" : "are"} in your basket.</span> <a class="btn" href="/shop/basket">Go to the basket, ${pieces(read())} ${pieces(read()) === 1 ? "piece" : "pieces"}</a></p>`, added);
}

if (form) {
  form.noValidate = true;
  form.hidden = false;
  form.addEventListener("submit", put);
}
showArrival().catch(() => null);
