// The discount code: kept with the basket. What it takes off is the shop's to say, and is asked of it for each basket.
//
//   await look();  sum(basket);  codeField(draw);  refuse(problem)

import { Problem, call } from "/web/js/api.js";
import { html, nothing } from "/web/design/vendor/lit-3.3.3.js";
import { read, setCode, total } from "./basket.js";

const REFUSED = ["unknown_discount", "discount_over", "discount_not_for_these"];
let answered = null; // {about, quote} of the last answer
let refused = ""; // why the code that was typed last is not used
let typed = "";

const wish = ({ code, lines }) => ({ discount_code: code, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) });
const about = (basket) => JSON.stringify([wish(basket), basket.lines.map(({ amount }) => amount)]);
const money = ({ amount, currency }) => `${amount} ${currency}`;

/** What the shop said of this basket and its code; null without a code, or while it has not said. */
const quoteOf = (basket) => (basket.code && answered?.about === about(basket) ? answered.quote : null);

/** Ask what the code takes off, unless that is known. A code that is refused is taken out, and it is said why. */
export async function look() {
  const basket = read(), asked = about(basket);
  if (!basket.code || !basket.lines.length || answered?.about === asked) return;
  try {
    const quote = await call("POST", "/v1/orders/quote", { body: wish(basket) });
    answered = { about: asked, quote };
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    refuse(problem);
  }
}

/** Take the code out if that is what the problem is about. Return whether it was. */
export function refuse(problem) {
  if (!REFUSED.includes(problem.code)) return false;
  const least = problem.minimum ? ` It is for orders of ${money(problem.minimum)} or more.` : "";
  [refused, typed] = [`${problem.detail}${least}`, read().code ?? typed];
  setCode(null);
  return true;
}

/** What the basket costs, with what its code takes off as far as that is known. */
export const toPay = (basket) => quoteOf(basket)?.totals.total ?? total(basket);

/** The rows of a sum for the discount. */
export function discountRow(basket) {
  const quote = quoteOf(basket);
  return quote ? html`<div><dt>Discount ${quote.discount.code}</dt><dd>−${quote.totals.discount.amount}</dd></div>` : nothing;
}

/** The field for the code, or the code that is used and a way to take it out. */
export function codeField(draw) {
  const basket = read();
  if (basket.code) {
    const out = () => { [typed, refused] = ["", ""]; setCode(null); draw(); };
    return html`<p><button type="button" class="link" @click=${out}>Take out the code ${basket.code}</button></p>`;
  }
  const use = async () => {
    typed = document.getElementById("discount").value.trim();
    refused = typed ? "" : "Type the code first.";
    if (typed) {
      setCode(typed.toUpperCase());
      await look();
    }
    draw();
    document.getElementById(refused ? "discount" : "sum-title")?.focus();
  };
  const enter = (event) => { if (event.key === "Enter") { event.preventDefault(); use(); } };
  return html`<div class="field"><label for="discount">Discount code <span class="opt">(optional)</span></label>
    <p class="error" id="discount-error" ?hidden=${!refused}>${refused}</p>
    <div class="row"><input id="discount" maxlength="40" autocomplete="off" autocapitalize="characters" spellcheck="false" .value=${typed} aria-invalid=${refused ? "true" : nothing} aria-describedby="discount-error" @input=${(event) => { typed = event.target.value; }} @keydown=${enter}>
    <button type="button" class="btn second" @click=${use}>Use it</button></div></div>`;
}
