// The checkout: an address as its country writes it, the sum, and the order; one basket makes one order.

import "./frame.js";
import { Problem, call, keepToken, keptToken, store } from "/web/js/api.js";
import { decimal, money } from "/web/js/dom.js";
import { clearErrors, missing, showErrors } from "/web/js/forms.js";
import { ACCOUNT } from "/web/js/sign-in.js";
import { html, nothing, render, repeat } from "/web/design/vendor/lit-3.3.3.js";
import { choose, chosenCountry, countryName, destinations, estimate, expectedBy, window_ } from "./arrival.js";
import { codeField, discountRow, forget as forgetCode, isKnown, look as lookAtCode, refuse as refuseCode, toPay, totalRow } from "./discount.js";
import { becameOrder, expect, goodsBy, lastOrder, onChange, read, renewKey, reprice, total } from "./basket.js";
import { labelOf } from "./labels.js";
import { parts, t, tn } from "/web/design/texts.js";

const PAYMENT_PAGE = "{{payment_page}}"; // and the order's number: the sandbox bank's page in development
const DRAFT = "shop:address";
const KNOWN_MAY = ["hold_too_large", "discount_over"]; // what the shop refuses to guests, and not to whom it knows
const TOKENS = { name: "name", company: "organization", line1: "address-line1", line2: "address-line2", city: "address-level2", region: "address-level1", postal_code: "postal-code" };
const place = document.getElementById("checkout");

const values = draft();
let served = [];
let address = null; // how the chosen country writes addresses
let arrival = null;
let doubted = ""; // the postal code that was asked about: sent again, it goes
let notice = null; // what has changed, or went wrong with the order as a whole
let unread = null; // what is said while the form of the chosen country is not here
let sending = false;
let leaving = false;

function draft() {
  try {
    return JSON.parse(store("session")?.getItem(DRAFT) ?? "{}");
  } catch {
    return {};
  }
}

function remember(event) {
  const control = event.target;
  values[control.id] = control.value;
  control.removeAttribute("aria-invalid"); // it is being mended
  document.getElementById(`${control.id}-error`).hidden = true;
  try {
    store("session")?.setItem(DRAFT, JSON.stringify(values));
  } catch {
    // nothing can be kept here
  }
}

async function chooseCountry(country) {
  values.country = country;
  choose(country);
  arrival = null; // it was for another country
  let found = null;
  try {
    found = country ? await call("GET", `/v1/addresses/${country}`) : null;
  } catch (problem) {
    if (values.country === country) failToRead(problem, () => chooseCountry(country));
    return undefined;
  }
  if (values.country !== country) return undefined; // another one was chosen meanwhile
  [address, unread] = [found, null];
  if (address && !address.regions.some(({ code }) => code === values.region) && address.regions.length) values.region = "";
  draw();
  return showArrival();
}

async function showArrival() {
  const where = () => JSON.stringify([values.country, values.region, values.postal_code, values.city]);
  const { country, region, postal_code, city } = values, asked = where();
  const found = country ? await estimate(country, { region, postal_code, city }).catch(() => null) : null;
  if (where() !== asked) return; // it is asked about the newer one, too
  arrival = found;
  draw();
}

/** Say that the form of an address could not be read, and offer to read it again. */
function failToRead(problem, read_) {
  if (!(problem instanceof Problem)) throw problem;
  const again = async () => {
    await read_();
    if (!unread) document.getElementById("country").focus();
  };
  address = null;
  unread = html`<h2>${t("We cannot show the form for your address")}</h2><p>${problem.detail} ${t("Nothing is ordered yet, and what you typed stays.")}</p>
    <p><button type="button" class="btn second" @click=${again}>${t("Try again")}</button></p>`;
  draw();
}

/** Read which countries there are, and how the chosen one writes addresses. */
async function begin() {
  try {
    served = await destinations();
  } catch (problem) {
    return failToRead(problem, begin);
  }
  const known = served.some(({ country }) => country === values.country);
  return chooseCountry(known ? values.country : chosenCountry(served));
}

/** Whether the fields are those of the chosen country. Without one, that is what is missing. */
const isReady = () => served.length > 0 && (!values.country || address?.country === values.country);

// what is sent

function wish(basket) {
  const text = (field) => (values[field] ?? "").trim();
  const delivery = { country: values.country };
  for (const { field } of address.parts) if (text(field)) delivery[field] = text(field);
  return {
    contact: { name: text("name"), email: text("email"), phone: text("phone"), language: navigator.language, time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone },
    delivery,
    lines: basket.lines.map(({ sku, quantity }) => ({ sku, quantity })),
    expected_total: toPay(basket),
    ...(goodsBy(basket) ? { goods_by: goodsBy(basket) } : {}),
    ...(basket.code ? { discount_code: basket.code } : {}),
  };
}

function wrong(form) {
  const required = address ? address.parts.filter((part) => part.required).map(({ field }) => field) : [];
  const errors = missing(form, "country", ...required, "email", "phone");
  const code = (values.postal_code ?? "").trim();
  if (code && code !== doubted && address?.postal_code_form && !new RegExp(`^(?:${address.postal_code_form})$`, "i").test(code)) {
    doubted = code;
    errors.push({ id: "postal_code", message: unlike() });
  }
  return errors;
}

function unlike() {
  const [example] = address.postal_code_examples, country = countryName(values.country);
  return example ? t("This does not look like one of {country}, such as {example}. If it is right, send it again.", { country, example })
    : t("This does not look like one of {country}. If it is right, send it again.", { country });
}

/** Place the order: as a guest, or as who is signed in here where the shop wants to know them. */
async function placeOrder(basket) {
  const order = { body: wish(basket), key: basket.key };
  try {
    return await call("POST", "/v1/orders", order);
  } catch (problem) {
    const account = keptToken(ACCOUNT);
    if (!account || !KNOWN_MAY.includes(problem.code)) throw problem;
    return call("POST", "/v1/orders", { ...order, token: account }).catch((again) => {
      throw again.status === 401 ? problem : again; // the sign-in is over
    });
  }
}

async function send(event) {
  event.preventDefault();
  const form = event.currentTarget, basket = read();
  clearErrors(form);
  if (!isReady()) return tellUnread();
  const errors = wrong(form);
  if (errors.length) return showErrors(form, errors);
  if (sending || !isKnown(basket)) return undefined; // nothing is ordered at a sum that was not shown
  sending = true;
  notice = null;
  draw();
  try {
    goOn(await placeOrder(basket), basket);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    refuse(form, problem, basket);
  } finally {
    sending = false;
    if (!leaving) draw();
  }
}

/** Nothing is sent while the form of the chosen country is not here. */
function tellUnread() {
  unread ??= html`<h2>${t("One moment, please")}</h2><p>${t("The form for addresses there is on its way. Order again when you see it.")}</p>`;
  draw();
  document.getElementById("notice").focus();
}

/** The order is placed. Who sent it before, and lost the answer, has no token here: the link is in the mail. */
function goOn(placed, basket) {
  const token = placed.access_token ?? keptToken(placed.number);
  if (token) keepToken(placed.number, token);
  leaving = Boolean(token);
  becameOrder(basket.key, placed.number);
  if (token) location.assign((placed.payment?.provider === "sandbox" ? PAYMENT_PAGE : "/orders/") + placed.number);
}

function refuse(form, problem, basket) {
  const title = (sku) => basket.lines.find((line) => line.sku === sku)?.title ?? sku;
  if (problem.code === "price_changed") {
    const shown = new Map(basket.lines.map((line) => [line.sku, line.amount]));
    const moved = problem.lines.map(({ sku, unit_price }) => ({ sku, unit_price, was: shown.get(sku) })).filter(({ was, unit_price }) => was !== unit_price.amount);
    notice = movedNotice(moved, basket, t("All of it"), toPay(basket), problem.total);
    forgetCode(); // its terms may be what has changed
    reprice(pricesOf(problem.lines));
    seeCode();
  } else if (refuseCode(problem, basket)) {
    notice = html`<h2>${t("Your discount code cannot be used")}</h2><p>${problem.detail}${problem.next ? ` ${problem.next}` : ""} ${t("Nothing is ordered yet. Look at the total without it, and order again if it is right for you.")}</p>`;
  } else if (problem.code === "out_of_stock" && problem.backorder) {
    expect({ [problem.sku]: problem.backorder.until });
    notice = html`<h2>${t("{product}: it is not in stock any more", { product: title(problem.sku) })}</h2><p>${expectedBy(problem.backorder.until)} ${tn("{n} piece of it can be ordered before it is here.", "{n} pieces of it can be ordered before they are here.", problem.backorder.left)} ${parts("Nothing is ordered, and nothing was charged. Order again if that day is right for you and you want no more than that, or {link}.", { link: html`<a href="/shop/basket">${t("change your basket")}</a>` })}</p>`;
  } else if (problem.code === "out_of_stock") {
    notice = html`<h2>${t("{product}: there is not enough of it any more", { product: title(problem.sku) })}</h2><p>${parts("Somebody was faster. Nothing is ordered, and nothing was charged. {link}; what you typed here stays.", { link: html`<a href="/shop/basket">${t("Change it in your basket")}</a>` })}</p>`;
  } else if (problem.code === "hold_too_large") {
    notice = html`<h2>${t("Please sign in to order so many")}</h2><p>${problem.detail} ${parts("{link}, then order here again. Nothing is ordered yet, and what you typed here stays.", { link: html`<a href="/account">${t("Sign in with a code by e-mail")}</a>` })}</p>`;
  } else if (problem.code === "idempotency_key_reused") {
    notice = html`<h2>${t("This basket was ordered before")}</h2><p>${t("We have an order from it, with another address or other things. The link to it is in our e-mail. Do you want these things once more?")}</p>
      <p><button type="button" class="btn second" @click=${() => { renewKey(); notice = null; draw(); }}>${t("Yes, make it another order")}</button></p>`;
  } else if (problem.errors) {
    const known = new Set(["country", "email", "phone", ...(address?.parts ?? []).map(({ field }) => field)]);
    const told = problem.errors.map(({ field, message }) => ({ id: field.split(".").pop(), message }));
    const goods = told.some(({ id }) => !known.has(id));
    if (goods) notice = html`<h2>${t("Something in your basket cannot be ordered")}</h2><p>${problem.detail} <a href="/shop/basket">${t("Look at your basket")}</a>.</p>`;
    return showErrors(form, told.filter(({ id }) => known.has(id)));
  } else {
    const again = problem.status === 0 || problem.status === 503 ? ` ${t("If you send it again, it is still one order.")}` : "";
    notice = html`<h2>${t("This did not work")}</h2><p>${problem.detail}${problem.next ? ` ${problem.next}` : ""}${again}</p>`;
  }
  draw();
  return document.getElementById("notice").focus();
}

const pricesOf = (lines) => Object.fromEntries(lines.map(({ sku, unit_price }) => [sku, unit_price]));

/** Say which prices are others than those that were shown, and what all of it was and is. */
function movedNotice(moved, basket, all, before, now) {
  const title = (sku) => basket.lines.find((line) => line.sku === sku)?.title ?? sku;
  return html`<h2>${moved.length ? t("Prices have changed") : t("The total has changed")}</h2><p>${moved.length
    ? t("Nothing is ordered yet. Look at the new prices, and order again if they are right for you.")
    : t("Nothing is ordered yet. Look at the new total, and order again if it is right for you.")}</p>
    <ul>${moved.map(({ sku, was, unit_price }) => html`<li>${title(sku)}: <del>${decimal(was)}</del> <ins>${money(unit_price)}</ins></li>`)}
    <li>${all}: <del>${decimal(before.amount)}</del> <ins>${money(now)}</ins></li></ul>`;
}

/** Ask what the code takes off. What costs something else than was shown is told before anything is ordered. */
async function seeCode() {
  const basket = read();
  if (!isKnown(basket)) draw();
  const moved = await lookAtCode();
  if (leaving) return;
  if (moved.length) {
    reprice(pricesOf(moved));
    notice = movedNotice(moved, basket, t("All goods, without the code"), total(basket), total(read()));
  }
  draw();
}

// what is shown

function field({ id, label, required = true, hint = "", type = "text", mode = nothing, complete = id, half = false }) {
  const described = [hint && `${id}-hint`, `${id}-error`].filter(Boolean).join(" ");
  return html`<div class="field ${half ? "half" : ""}"><label for=${id}>${label}${required ? nothing : html` <span class="opt">${t("(optional)")}</span>`}</label>
    ${hint ? html`<p class="hint" id="${id}-hint">${hint}</p>` : nothing}<p class="error" id="${id}-error" hidden></p>
    <input id=${id} type=${type} inputmode=${mode} autocomplete=${complete} maxlength="200" aria-describedby=${described} aria-required=${required} .value=${values[id] ?? ""} @input=${remember} @change=${showArrival}></div>`;
}

function select({ id, label, required, options, change, complete, half = false, none }) {
  const value = values[id] ?? "";
  return html`<div class="field ${half ? "half" : ""}"><label for=${id}>${label}${required ? nothing : html` <span class="opt">${t("(optional)")}</span>`}</label><p class="error" id="${id}-error" hidden></p>
    <select id=${id} autocomplete=${complete} aria-describedby="${id}-error" aria-required=${required} @change=${change}>
      <option value="" ?selected=${!value}>${none}</option>${options.map(([code, name]) => html`<option value=${code} ?selected=${code === value}>${name}</option>`)}</select></div>`;
}

function part({ field: id, label: english, required }) {
  const label = labelOf(english);
  const complete = TOKENS[id];
  if (id === "region" && address.regions.length) {
    const options = address.regions.map(({ code, name }) => [code, name]);
    return select({ id, label, required, options, complete, half: true, none: t("Choose"), change: (event) => { remember(event); showArrival(); } });
  }
  const hint = id === "postal_code" && address.postal_code_examples.length ? t("Such as {examples}", { examples: address.postal_code_examples.join(t(" or ")) }) : "";
  return field({ id, label, required, complete, hint, half: ["postal_code", "city", "region"].includes(id) });
}

function countries() {
  const options = served.map(({ country, name }) => [country, name]);
  return select({ id: "country", label: t("Country"), required: true, options, complete: "country", none: t("Choose a country"), change: (event) => { remember(event); chooseCountry(event.target.value); } });
}

const side = (basket) => html`<section class="card sticky" aria-labelledby="sum-title"><h2 id="sum-title" tabindex="-1">${t("Your order")}</h2>
  <ul class="goods two">${basket.lines.map((line) => html`<li><span>${line.title}<span class="of">${line.quantity} × ${decimal(line.amount)}</span>${line.until ? html`<span class="state risk">${expectedBy(line.until)}</span>` : nothing}</span><span class="num">${decimal(total({ lines: [line] }).amount)}</span></li>`)}</ul>
  <dl class="sum">${discountRow(basket)}<div class="zero"><dt>${t("Shipping")}</dt><dd>${decimal("0.00")}</dd></div><div class="zero"><dt>${t("Duties and fees")}</dt><dd>${decimal("0.00")}</dd></div>${totalRow(basket)}</dl>
  ${codeField(draw, seeCode)}
  <div role="status">${goodsBy(basket) ? html`<p class="small soft">${t("Your order leaves us as a whole, within {dispatch} from when all of it is here.")} ${t("If that day moves to a later one, we write to you, and you may cancel for all that you paid.")}</p>` : arrival ? window_(arrival, values.country) : nothing}</div>
  <button class="btn wide" ?disabled=${sending || !isKnown(basket)}>${isKnown(basket) ? t("Order for {amount}", { amount: money(toPay(basket)) }) : t("Order")}</button>
  <p class="small soft">${t("You pay on the next page. Nothing else is to be paid, not even at your door. You may return everything for {return_days} days, and we change nothing without your yes.")}</p></section>`;

const form = (basket) => html`<form class="cols" novalidate @submit=${send}><div class="stack">
  <div class="summary box bad" tabindex="-1" role="group" aria-label=${t("What is wrong")} hidden></div>
  <div id="notice" tabindex="-1" class="box ask stack-s" role="alert" ?hidden=${!(unread ?? notice)}>${unread ?? notice ?? nothing}</div>
  <section class="card" aria-labelledby="address-title"><h2 id="address-title">${t("Address")}</h2><div class="room"><div class="fields">${countries()}${address ? repeat(address.parts, ({ field: id }) => id, part) : nothing}</div></div></section>
  <section class="card" aria-labelledby="contact-title"><h2 id="contact-title">${t("How we reach you")}</h2><div class="room"><div class="fields">
    ${field({ id: "email", label: t("E-mail"), type: "email", complete: "email", hint: t("For the link to your order"), half: true })}
    ${field({ id: "phone", label: t("Phone"), type: "tel", complete: "tel", hint: address?.phone_prefix ? t("For the carrier; from abroad it begins with {prefix}", { prefix: address.phone_prefix }) : t("For the carrier"), half: true })}</div></div></section>
  </div>${side(basket)}</form>`;

/** What is shown when there is nothing to order: where the last order is, as the back button leads here too. */
function nothingToOrder() {
  const last = lastOrder();
  if (!last) return html`<p>${t("There is nothing in your basket.")}</p><p><a class="btn" href="/shop">${t("Look around")}</a></p>`;
  return html`<div class="stack-s"><p class="box good"><span>${t("Your order {number} is placed. We have sent you an e-mail with its link.", { number: last.number })}</span></p>
    ${keptToken(last.number) ? html`<p><a class="btn" href="/orders/${last.number}">${t("Go to your order")}</a></p>` : nothing}
    <p><a href="/shop">${t("Back to the shop")}</a></p></div>`;
}

/** A field stays itself when the form of another country comes in its place: what is typed meanwhile goes where it began. */
function draw() {
  const basket = read(), typing = document.activeElement;
  place.removeAttribute("aria-busy");
  document.getElementById("title").textContent = basket.lines.length ? t("Where shall it go?") : lastOrder() ? t("Thank you") : t("Your basket is empty");
  render(basket.lines.length ? form(basket) : nothingToOrder(), place);
  if (typing !== document.activeElement && typing?.isConnected) typing.focus();
}

onChange(() => leaving || seeCode());
addEventListener("pageshow", (event) => event.persisted && (leaving = false, draw()));
if (read().lines.length) await Promise.all([begin(), seeCode()]);
draw();
