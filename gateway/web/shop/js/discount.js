// The discount code: kept with the basket. What it takes off is the shop's to say, and is asked of it for each basket.
//
//   const moved = await look();  toPay(basket);  codeField(draw, again);  forget();  refuse(problem, basket)

import { Problem, call } from "/web/js/api.js";
import { decimal, money } from "/web/js/dom.js";
import { html, nothing } from "/web/design/vendor/lit-3.3.3.js";
import { read, setCode, total } from "./basket.js";
import { t } from "/web/design/texts.js";

const REFUSED = ["unknown_discount", "discount_over", "discount_not_for_these"];
let answered = null; // {about, quote} of the last answer
let asking = null; // {about, answer} of the question that is under way
let failed = null; // {about, problem} of the last question that had no answer
let refused = ""; // why the code that was typed last is not used
let typed = "";

const wish = ({ code, lines }) => ({ discount_code: code, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) });
const aboutAt = (basket, amounts) => JSON.stringify([wish(basket), amounts]);
const about = (basket) => aboutAt(basket, basket.lines.map(({ amount }) => amount));

/** What the shop said of this basket and its code; null without a code, or while it has not said. */
const quoteOf = (basket) => (basket.code && answered?.about === about(basket) ? answered.quote : null);

/** Whether it is known what the basket costs. With a code it is not before the shop has said it. */
export const isKnown = (basket) => !basket.code || quoteOf(basket) !== null;

/**
 * Ask what the code takes off, unless that is known. A code that is refused is taken out, and it is said why.
 * Return the lines that cost something else than was shown, as {sku, was, unit_price}: the basket is to be repriced.
 */
export async function look() {
  const basket = read(), asked = about(basket);
  if (!basket.lines.length || isKnown(basket)) return [];
  if (asking?.about !== asked) asking = { about: asked, answer: ask(basket, asked) };
  return asking.answer;
}

async function ask(basket, asked) {
  try {
    const quote = await call("POST", "/v1/orders/quote", { body: wish(basket) });
    if (about(read()) !== asked) return []; // it is asked about the newer one, too
    failed = null;
    answered = { about: aboutAt(basket, quote.lines.map(({ unit_price }) => unit_price.amount)), quote };
    return quote.lines.map(({ sku, unit_price }, at) => ({ sku, was: basket.lines[at].amount, unit_price })).filter(({ was, unit_price }) => was !== unit_price.amount);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    if (about(read()) === asked && !refuse(problem, basket)) failed = { about: asked, problem };
    return [];
  } finally {
    if (asking?.about === asked) asking = null;
  }
}

/** Its terms have changed: what was said of it holds no more. */
export function forget() {
  answered = null;
}

/** Take the code out if the problem is about it, and the basket is still that one. Return whether it was. */
export function refuse(problem, basket) {
  if (!REFUSED.includes(problem.code) || about(read()) !== about(basket)) return false;
  [refused, typed] = [`${problem.detail}${least(problem)}`, basket.code ?? typed];
  setCode(null);
  return true;
}

function least({ minimum, skus }) {
  if (!minimum) return skus?.length ? ` ${t("It is for some products.")}` : "";
  const amount = money(minimum);
  return ` ${skus?.length ? t("It is for orders of {amount} or more of some products.", { amount }) : t("It is for orders of {amount} or more.", { amount })}`;
}

/** What the basket costs, with what its code takes off as far as that is known. */
export const toPay = (basket) => quoteOf(basket)?.totals.total ?? total(basket);

/** The rows of a sum for the discount. */
export function discountRow(basket) {
  const quote = quoteOf(basket);
  return quote ? html`<div><dt>${t("Discount {code}", { code: quote.discount.code })}</dt><dd>−${decimal(quote.totals.discount.amount)}</dd></div>` : nothing;
}

/** The row of what is to be paid. */
export const totalRow = (basket) => html`<div class="total"><dt>${isKnown(basket) ? t("You pay") : t("Without the code")}</dt><dd>${money(toPay(basket))}</dd></div>`;

/** The field for the code, or the code that is used and a way to take it out. again: looks at it, and draws. */
export function codeField(draw, again) {
  const basket = read();
  if (basket.code) {
    const out = () => { [typed, refused] = ["", ""]; setCode(null); draw(); };
    return html`${unanswered(basket, again)}<p><button type="button" class="link" @click=${out}>${t("Take out the code {code}", { code: basket.code })}</button></p>`;
  }
  const use = async () => {
    typed = document.getElementById("discount").value.trim();
    refused = typed ? "" : t("Type the code first.");
    if (typed) {
      setCode(typed.toUpperCase()); // the page looks at it, as at every change of the basket
      await look();
    }
    draw();
    document.getElementById(refused ? "discount" : "sum-title")?.focus();
  };
  const enter = (event) => { if (event.key === "Enter") { event.preventDefault(); use(); } };
  return html`<div class="field"><label for="discount">${t("Discount code")} <span class="opt">${t("(optional)")}</span></label>
    <p class="error" id="discount-error" ?hidden=${!refused}>${refused}</p>
    <div class="row"><input id="discount" maxlength="40" autocomplete="off" autocapitalize="characters" spellcheck="false" .value=${typed} aria-invalid=${refused ? "true" : nothing} aria-describedby="discount-error" @input=${(event) => { typed = event.target.value; }} @keydown=${enter}>
    <button type="button" class="btn second" @click=${use}>${t("Use it")}</button></div></div>`;
}

/** What is said while it is not known what the code takes off because the question failed. */
function unanswered(basket, again) {
  if (isKnown(basket) || failed?.about !== about(basket)) return nothing;
  const retry = async () => {
    await again();
    document.getElementById("sum-title")?.focus();
  };
  return html`<div class="box ask stack-s" role="alert"><p>${t("We could not look at your code {code}. {detail} Try again, or take it out to go on without it.", { code: basket.code, detail: failed.problem.detail })}</p>
    <p><button type="button" class="btn second" @click=${retry}>${t("Look at it again")}</button></p></div>`;
}
