// The sandbox bank's window: what a payment provider's own page is elsewhere. Play money only; development only.
//
// It takes the money, refuses, takes some minutes, charges twice, or is left: everything that banks do to a shop.

import "/web/shop/js/frame.js";
import { Problem, call, newKey, takeToken } from "/web/js/api.js";
import { follow } from "/web/js/live.js";
import { locale, t, tc } from "/web/design/texts.js";
import { html, nothing, render } from "/web/design/vendor/lit-3.3.3.js";

const number = location.pathname.split("/").pop();
const path = `/v1/orders/${number}`;
const token = takeToken(number);
const place = document.getElementById("pay");
const money = ({ amount, currency }) => `${amount} ${currency}`;
const busy = () => order.payment.underway_until && new Date(order.payment.underway_until) > new Date();
const REASONS = { card_declined: t("The bank has declined the card.") };

let order = null;
let asked = ""; // what was done in this window, and is waited for
let trouble = "";

const page = `/orders/${number}`;

async function look() {
  order = await call("GET", path, { token });
  const { status } = order.payment;
  if (asked && status === "captured") return location.assign(page);
  if (asked === "decline" && status === "failed") asked = "";
  return draw();
}

/** Go to the order once the shop has heard that the bank works on it. Its journal has no word for that. */
async function leaveIt() {
  do {
    await new Promise((go) => setTimeout(go, 200));
    order = await call("GET", path, { token });
  } while (order.stage === "awaiting_payment" && !order.payment.underway_until);
  return location.assign(page);
}

/** Start a payment, and do with it what people and banks do. */
async function pay(outcome, charges = 1) {
  asked = outcome;
  trouble = "";
  draw();
  try {
    const started = await call("POST", `${path}/payments`, { token, key: newKey(), body: {} });
    for (let charge = 1; charge <= charges; charge += 1) {
      await call("POST", "/sandbox/payments", { body: { client_secret: started.client_secret, outcome, charge } });
    }
    if (outcome === "process") return await leaveIt();
    await look();
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    asked = "";
    trouble = problem.detail;
    draw();
  }
  return undefined;
}

const CHOICES = () => [
  [t("Pay {amount}", { amount: money(order.totals.total) }), () => pay("capture"), t("The card is charged, and the shop hears of it at once.")],
  [t("Be declined"), () => pay("decline"), t("Nothing is charged. You may try again here.")],
  [t("Let the bank take its time"), () => pay("process"), t("It is neither paid nor refused yet; the goods are kept meanwhile.")],
  [t("Pay, and be charged twice"), () => pay("capture", 2), t("A mistake of the bank: the second charge goes back by itself.")],
];

function choices() {
  const failed = order.payment.status === "failed";
  return html`${busy() ? html`<p class="box">${t("The bank has your payment already and works on it. Paying again is not needed; what arrives twice goes back.")}</p>` : nothing}${failed ? html`<p class="box bad" id="declined" role="alert">${REASONS[order.payment.reason] ?? t("The payment did not go through.")} ${t("Nothing was charged, and your order is kept. Try again, or leave.")}</p>` : nothing}
    <ul class="stack-s">${CHOICES().map(([label, run, hint], at) => html`<li><button type="button" class="btn ${at ? "second" : ""}" aria-describedby="hint-${at}" @click=${run}>${label}</button><p class="small soft" id="hint-${at}">${hint}</p></li>`)}
    <li><a class="btn second" href=${page}>${t("Leave without paying")}</a><p class="small soft">${order.expires_at ? t("The order is kept until {time}. You can pay it on its page.", { time: new Date(order.expires_at).toLocaleTimeString(locale, { timeStyle: "short" }) }) : t("The order is kept until its time is over. You can pay it on its page.")}</p></li></ul>`;
}

function draw() {
  place.removeAttribute("aria-busy");
  const open = order.stage === "awaiting_payment";
  render(html`<section class="card narrow" aria-label=${t("Payment")}>
    <dl class="sum"><div><dt>${tc("who is paid", "To")}</dt><dd>${t("Pledge, sample shop")}</dd></div><div><dt>${tc("what is paid", "For")}</dt><dd>${t("Order {number}", { number })}</dd></div><div class="total"><dt>${t("Amount")}</dt><dd>${money(order.totals.total)}</dd></div></dl>
    <p class="box ask">${t("This is not a bank. No card is asked for, and no money moves.")}</p>
    ${trouble ? html`<p class="box bad" role="alert">${trouble}</p>` : nothing}
    <div role="status">${asked ? html`<p>${t("The bank works on it. This page goes on by itself.")}</p>` : nothing}</div>
    ${asked ? nothing : open ? choices() : html`<p class="box good"><span>${t("There is nothing to pay: the order is paid, or not to be paid any more.")}</span> <a class="btn" href=${page}>${t("Go to your order")}</a></p>`}
  </section>`, place);
}

try {
  await look();
  follow(`${path}/live`, token, { lastId: "none", onEntry: () => look().catch(() => null), onState: () => null });
  addEventListener("pageshow", (event) => event.persisted && (asked = "", look()));
} catch (problem) {
  if (!(problem instanceof Problem)) throw problem;
  place.removeAttribute("aria-busy");
  render(html`<p class="box bad">${t("This device does not know the order, or we could not be reached.")} <a href=${page}>${t("Go to the order's page")}</a>.</p>`, place);
}
