// Ctrl-K: any number, name, mail address, SKU or scan → the thing.

import { LitElement, html, nothing, t, tc, trouble } from "./parts.js";
import { go } from "./page.js";
import { get, session } from "./session.js";
import { BEGINNINGS, words } from "./words.js";

const NUMBER = /^[a-z]{3}-?[0-9a-z]{4}-?[0-9a-z]{4}-?[0-9a-z]$/i;
const PAGES = { ORD: "orders", SHP: "pack", RET: "returns", TIC: "inbox" };
const WAIT = 150; // milliseconds after the last key

/** "ord 7k3m9q2xc" → "ORD-7K3M-9Q2X-C", null for what is no number of ours. */
export function asNumber(typed) {
  const plain = typed.replaceAll(/[\s#-]/g, "").toUpperCase();
  const kind = plain.slice(0, 3);
  return NUMBER.test(typed.replaceAll(/[\s#]/g, "")) && PAGES[kind] ? `${kind}-${plain.slice(3, 7)}-${plain.slice(7, 11)}-${plain.slice(11)}` : null;
}

const plain = (number) => number.replaceAll(/[\s-]/g, "").toUpperCase();

/** What one place finds: nothing for what it cannot be asked, say half an address; with the problem, if it does not answer. */
async function asked(path, ...roles) {
  if (!session.may(...roles)) return { items: [] };
  try {
    return await get(path);
  } catch (problem) {
    const refused = problem.status >= 400 && problem.status < 500 && problem.status !== 429;
    return refused ? { items: [] } : { items: [], problem };
  }
}

/** Look in everything that the reader may see: {found: [{href, title, detail, number}], problem: why some of it is not known}. */
export async function search(typed) {
  const number = asNumber(typed);
  if (number) return { found: [{ href: `/desk/${PAGES[number.slice(0, 3)]}/${number}`, title: tc("verb", "Open"), number, detail: "" }], problem: null };
  const q = encodeURIComponent(typed);
  const [orders, tickets, shipments, products, scans] = await Promise.all([
    asked(`/v1/orders?q=${q}&limit=8`, "agent", "lead", "reviewer"),
    asked(`/v1/tickets?q=${q}&limit=8`, "agent", "lead"),
    asked(`/v1/shipments?q=${q}&limit=8`, "warehouse", "agent", "lead"),
    asked(`/v1/products?q=${q}&limit=8`, "agent", "reviewer", "warehouse", "aftersales", "lead"),
    asked("/v1/scans/unmatched?limit=100", "warehouse", "agent", "lead"),
  ]);
  const found = [
    ...orders.items.map((order) => ({ href: `/desk/orders/${order.number}`, title: order.contact.name, detail: words(order.stage), number: order.number })),
    ...tickets.items.map((ticket) => ({ href: `/desk/inbox/${ticket.number}`, title: ticket.subject, detail: `${ticket.customer.name}, ${words(ticket.status)}`, number: ticket.number })),
    ...shipments.items.map((each) => ({ href: `/desk/orders/${each.order_number}`, title: t("To {name}", { name: each.destination.name }), detail: words(each.status), number: each.number })),
    ...products.items.map((product) => ({ href: `/desk/stock/${encodeURIComponent(product.sku)}`, title: product.title, detail: t("product"), number: product.sku })),
    ...scans.items.filter((scan) => plain(scan.tracking_number).startsWith(plain(typed))).map((scan) => ({ href: `/desk/parcels?scan=${scan.id}`, title: t("A scan that found no parcel"), detail: scan.carrier, number: scan.tracking_number })),
  ];
  return { found, problem: [orders, tickets, shipments, products, scans].find(({ problem }) => problem)?.problem ?? null };
}

class Find extends LitElement {
  static properties = { found: { state: true }, typed: { state: true }, problem: { state: true } };

  constructor() {
    super();
    Object.assign(this, { found: null, typed: "", problem: null });
  }

  createRenderRoot() {
    return this;
  }

  open() {
    this.querySelector("dialog").showModal();
    this.querySelector("input").select();
  }

  type(event) {
    this.typed = event.target.value.trim();
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.look(), WAIT);
  }

  async look() {
    const typed = this.typed;
    const { found, problem } = typed ? await search(typed) : { found: null, problem: null };
    if (typed === this.typed) Object.assign(this, { found, problem });
  }

  async submit(event) {
    event.preventDefault();
    clearTimeout(this.waiting);
    await this.look();
    if (this.found?.length) this.choose(this.found[0].href);
  }

  choose(href) {
    this.querySelector("dialog").close();
    go(href);
  }

  step(event) {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!by) return;
    event.preventDefault();
    const stops = [this.querySelector("input"), ...this.querySelectorAll("a")];
    stops[Math.min(Math.max(stops.indexOf(document.activeElement) + by, 0), stops.length - 1)].focus();
  }

  render() {
    return html`<dialog class="finder" aria-label=${t("Find")} @keydown=${this.step}>
      <form role="search" @submit=${this.submit}><label class="vh" for="find-q">${t("Number, name, mail, SKU or scan")}</label>
        <input id="find-q" autocomplete="off" spellcheck="false" placeholder=${t("Number, name, mail, SKU or scan")} @input=${this.type}></form>
      <div role="status" class="vh">${this.found && !this.problem ? t("{n} found", { n: this.found.length }) : ""}</div>
      ${this.problem ? html`<div class="in">${trouble(this.problem)}</div>` : nothing}
      ${this.found === null ? nothing : this.found.length === 0 ? (this.problem ? nothing : html`<p class="soft in">${t("Nothing is called that.")} ${BEGINNINGS}</p>`) : html`<ul>
        ${this.found.map(({ href, title, detail, number }) => html`<li><a href=${href} @click=${() => this.querySelector("dialog").close()}><span class="mono">${number}</span><span>${title}<span class="d">${detail}</span></span></a></li>`)}</ul>`}
      <footer class="d"><span><kbd>↑</kbd> <kbd>↓</kbd> ${t("choose")}</span> <span><kbd>Enter</kbd> ${tc("verb", "open")}</span> <span><kbd>${t("Esc")}</kbd> ${t("close")}</span> <span>${t("Words are found by how they begin.")}</span></footer>
    </dialog>`;
  }
}

customElements.define("desk-find", Find);
