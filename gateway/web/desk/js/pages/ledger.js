// The ledger: every movement of money between accounts in a period, or of one order, and what each account stands at.

import { RowsPage, go, keyOf } from "../page.js";
import { at, button, html, nothing, parts, save, t, tn } from "../parts.js";
import { get, list } from "../session.js";
import { capital, money, words } from "../words.js";

const DAY = 24 * 3600 * 1000;
const ACCOUNTS = {
  customer: [t("Customers"), t("below zero: owed to them, or kept for them")],
  provider: [t("Payment providers"), t("what they hold for us")],
  platform: [t("Ours"), t("below zero: what orders brought in, less goodwill and losses")],
  carrier: [t("Carriers"), t("what sending back costs us")],
  by_hand: [t("Paid by hand"), t("to be found in our bank's statements")],
};
const nameOf = (account) => ACCOUNTS[account]?.[0] ?? capital(words(account));
const dayOf = (moment) => new Date(moment).toISOString().slice(0, 10);

class Ledger extends RowsPage {
  static follows = ["orders"];

  constructor() {
    super();
    Object.assign(this, { sums: [], rows: [], more: false, orders: 0, moved: 0 });
  }

  /** The first and the last day that are shown: those of the address, else this month as far as it is. */
  get days() {
    const asked = new URLSearchParams(location.search), today = dayOf(Date.now());
    const good = (name, other) => (/^\d{4}-\d{2}-\d{2}$/.test(asked.get(name) ?? "") && !Number.isNaN(Date.parse(asked.get(name))) ? asked.get(name) : other);
    return { from: good("from", `${today.slice(0, 8)}01`), to: good("to", today) };
  }

  get period() {
    const { from, to } = this.days;
    return new URLSearchParams({ since: `${from}T00:00:00Z`, until: new Date(Date.parse(to) + DAY).toISOString() });
  }

  async load() {
    const [number] = this.params;
    if (number) {
      const { movements, balances } = await get(`/v1/orders/${encodeURIComponent(number)}/payments`);
      Object.assign(this, { more: false, sums: balances.map(({ account, amount }) => ({ account, currency: amount.currency, balance: amount.amount })) });
      return this.take(movements.map((each) => ({ ...each, order_number: number })));
    }
    const [report, { items, more }] = await Promise.all([get(`/v1/reports/ledger?${this.period}`), list(`/v1/ledger?${this.period}`, this.most)]);
    Object.assign(this, { more, sums: report.items, orders: report.orders, moved: report.movements });
    return this.take(items);
  }

  take(movements) {
    this.rows = movements.map((each) => ({ each, key: `${each.entry} ${each.kind} ${each.debit}`, href: `/desk/orders/${each.order_number}` }));
  }

  keys() {
    return [...super.keys(), { key: "x", label: t("as a file"), run: () => this.export(), hidden: Boolean(this.params[0]) }];
  }

  look(event) {
    event.preventDefault();
    go(`/desk/ledger?${new URLSearchParams(new FormData(event.target))}`);
  }

  export() {
    const { from, to } = this.days;
    return this.act(async () => save(await get(`/v1/ledger/export?${this.period}`), `ledger-${from}-${to}.csv`), t("The file is saved."));
  }

  draw() {
    const [number] = this.params, { from, to } = this.days;
    return html`<div class="head"><h1>${t("Ledger")} <small>${number ? parts("of {order}", { order: html`<a class="mono" href="/desk/orders/${number}">${number}</a>` }) : t("{movements} of {orders}", { movements: tn("{n} movement", "{n} movements", this.moved), orders: tn("{n} order", "{n} orders", this.orders) })}</small></h1>
        ${number ? nothing : html`<form class="acts" @submit=${this.look}><label for="ledger-from">${t("From")}</label><input id="ledger-from" name="from" type="date" required .value=${from}><label for="ledger-to">${t("to")}</label><input id="ledger-to" name="to" type="date" required .value=${to}><button class="btn">${t("Look")}</button>${button({ key: "x", label: t("Save as CSV"), run: () => this.export(), disabled: this.busy })}</form>`}</div>
      <p class="soft next">${t("Taken from the journal: nothing is booked a second time. Days are those of UTC.")}</p>
      <div class="stack">${this.drawSums(Boolean(number))}${this.drawMoves(Boolean(number))}</div>${this.drawMore(this.more)}`;
  }

  drawSums(ofOrder) {
    if (this.sums.length === 0) return html`<div class="box empty"><h2>${ofOrder ? t("No money has moved for this order.") : t("No money moved in these days.")}</h2></div>`;
    const sides = ofOrder ? [] : [["debit", t("Debit")], ["credit", t("Credit")]];
    return html`<section class="box scroll" tabindex="0" aria-label=${t("Accounts")}><h2>${t("Accounts")} <span class="soft">${t("those of a currency add up to zero")}</span></h2><table><caption class="vh">${t("Sum of each account")}</caption>
      <thead><tr><th scope="col">${t("Account")}</th>${sides.map(([, title]) => html`<th scope="col" class="r">${title}</th>`)}<th scope="col" class="r">${t("Balance")}</th><th scope="col">${t("Currency")}</th></tr></thead>
      <tbody>${this.sums.map((sum) => html`<tr><th scope="row">${nameOf(sum.account)}<span class="d">${ACCOUNTS[sum.account]?.[1]}</span></th>${sides.map(([side]) => html`<td class="r">${sum[side]}</td>`)}<td class="r"><b>${sum.balance}</b></td><td>${sum.currency}</td></tr>`)}</tbody></table></section>`;
  }

  drawMoves(ofOrder) {
    if (this.rows.length === 0) return nothing;
    return html`<section class="box scroll" tabindex="0" aria-label=${t("Movements")}><h2>${t("Movements")} <span class="soft">${t("in the order in which they were recorded")}</span></h2><table class="rows"><caption class="vh">${t("Movements between accounts")}</caption>
      <thead><tr><th scope="col">${t("When")}</th><th scope="col">${t("What")}</th><th scope="col">${t("Credit → debit")}</th><th scope="col" class="r">${t("Amount")}</th>${ofOrder ? nothing : html`<th scope="col">${t("Order")}</th>`}</tr></thead>
      <tbody>${this.long.draw("movements", this.rows, keyOf, ({ each }, place) => html`<tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td>${at(each.at)}</td>
        <td><span class="t">${capital(words(each.kind))}</span><span class="d mono">${each.reference}${each.provider_reference ? ` · ${each.provider}: ${each.provider_reference}` : ""}</span></td>
        <td>${nameOf(each.credit)} → ${nameOf(each.debit)}</td><td class="r">${money(each.amount)}</td>
        ${ofOrder ? nothing : html`<td><a class="mono" href="/desk/orders/${each.order_number}">${each.order_number}</a></td>`}</tr>`)}</tbody></table></section>`;
  }
}

customElements.define("desk-ledger", Ledger);
