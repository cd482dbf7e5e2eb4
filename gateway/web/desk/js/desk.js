// The shell of the desk: who is signed in, where we are, the keys that work here, and finding anything by Ctrl-K.

import { tinykeys } from "/web/design/vendor/tinykeys-3.1.0.js";
import { LitElement, html, nothing, parts, svg, t } from "./parts.js";
import { feed } from "./live.js";
import { go } from "./page.js";
import { session } from "./session.js";
import { words } from "./words.js";
import "./find.js";
import "./presence.js";

/** Every page: its address below /desk and module, its name, the letter after G, and whose work it is; `apart`: not in the rail. */
const PLACES = [
  { path: "today", name: t("Today"), letter: "t", roles: ["agent", "reviewer", "warehouse", "aftersales", "lead"] },
  { path: "inbox", name: t("Inbox"), letter: "i", roles: ["agent", "lead"] },
  { path: "review", name: t("Review"), letter: "r", roles: ["reviewer"] },
  { path: "pick", name: t("Pick"), letter: "j", roles: ["warehouse", "lead"] },
  { path: "pack", name: t("Pack"), letter: "p", roles: ["warehouse"] },
  { path: "parcels", name: t("Parcels"), letter: "l", roles: ["warehouse", "agent", "lead"] },
  { path: "returns", name: t("Returns"), letter: "b", roles: ["aftersales", "lead"] },
  { path: "orders", name: t("Orders"), letter: "o", roles: ["agent", "lead", "reviewer"] },
  { path: "money", name: t("Money"), letter: "m", roles: ["lead"] },
  { path: "ledger", name: t("Ledger"), letter: "n", roles: ["lead"] },
  { path: "costs", name: t("Costs"), letter: "z", roles: ["lead"] },
  { path: "discounts", name: t("Discounts"), letter: "g", roles: ["agent", "lead"] },
  { path: "knowledge", name: t("Knowledge"), letter: "k", roles: ["agent", "lead"] },
  { path: "replies", name: t("Replies"), letter: "a", roles: ["agent", "lead"] },
  { path: "quality", name: t("Quality"), letter: "q", roles: ["agent", "lead"] },
  { path: "promises", name: t("Promises"), letter: "s", roles: ["agent", "lead"] },
  { path: "complaints", name: t("Complaints"), letter: "d", roles: ["agent", "lead"] },
  { path: "suggestions", name: t("Suggestions"), letter: "u", roles: ["agent", "lead"] },
  { path: "teams", name: t("Teams"), letter: "w", roles: ["agent", "lead"] },
  { path: "rules", name: t("Rules"), letter: "f", roles: ["lead"] },
  { path: "workload", name: t("Workload"), letter: "v", roles: ["lead"] },
  { path: "reports", name: t("Reports"), letter: "h", roles: ["warehouse", "lead"] },
  { path: "stock", name: t("Stock"), letter: "c", roles: ["agent", "reviewer", "warehouse", "aftersales", "lead"] },
  { path: "people", name: t("People"), letter: "e", roles: ["admin"] },
  { path: "keys", name: t("API keys"), roles: ["admin"] },
  { path: "webhooks", name: t("Webhooks"), roles: ["admin"] },
  { path: "operations", name: t("Operations"), letter: "x", roles: ["admin"] },
  { path: "security", name: t("Security"), roles: [], apart: true },
  { path: "slip", name: t("Slip and label"), roles: ["warehouse", "agent", "lead"], apart: true },
  { path: "you", name: t("You"), letter: "y", roles: ["agent", "reviewer", "warehouse", "aftersales", "lead"], apart: true },
  { path: "style", name: t("Style"), roles: ["admin"], apart: true },
];
const MARK = svg`<rect x="1" y="3" width="5" height="14" rx="1.5"/><rect x="8" y="3" width="5" height="14" rx="1.5"/><rect x="15.8" y="3.8" width="3.4" height="12.4" rx="1.2" fill="none" stroke="currentColor" stroke-width="1.6"/>`;
const HALF = svg`<circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.6"/><path d="M8 1.8a6.2 6.2 0 0 1 0 12.4z"/>`;

const typing = (target) => target instanceof Element && target.matches("input, textarea, select, [contenteditable]");

class Desk extends LitElement {
  static properties = { page: { state: true }, place: { state: true }, keysHere: { state: true }, unknown: { state: true }, unread: { state: true } };

  constructor() {
    super();
    Object.assign(this, { page: null, place: null, keysHere: [], unknown: false, unread: false });
    this.unbind = () => {};
    session.addEventListener("change", () => this.open());
    feed.addEventListener("heard", ({ detail }) => this.page?.heard?.(detail));
    feed.addEventListener("state", () => this.requestUpdate());
    addEventListener("popstate", () => this.open());
    addEventListener("desk-go", () => this.open());
    this.addEventListener("desk-keys", (event) => this.bind(event.target));
    this.addEventListener("click", (event) => this.follow(event));
  }

  createRenderRoot() {
    return this;
  }

  /** Bound once: a page that is drawn anew between G and its letter must not lose the G. */
  firstUpdated() {
    tinykeys(window, {
      ...Object.fromEntries(PLACES.filter(({ letter }) => letter).map((place) => [`g ${place.letter}`, (event) => this.guard(event, () => this.places().includes(place) && go(`/desk/${place.path}`))])),
      "$mod+k": (event) => {
        event.preventDefault();
        this.find();
      },
    });
    this.open();
  }

  /** Where the rail is a line that scrolls, keep in sight where we are. */
  updated(changed) {
    const link = changed.has("place") && this.querySelector(".rail [aria-current]");
    if (!link) return;
    const line = link.closest("ul"), [frame, box] = [line, link].map((each) => each.getBoundingClientRect());
    line.scrollLeft += box.left - frame.left - (frame.width - box.width) / 2;
  }

  /** Show the page of the address. */
  async open() {
    const asked = (this.asked = (this.asked ?? 0) + 1);
    feed.open();
    this.unread = false;
    if (!session.signedIn || session.secondFactor === "enrol") {
      Object.assign(this, { page: null, place: null });
      this.endKeys();
      this.requestUpdate();
      return this.need(asked, import(session.signedIn ? "./second-factor.js" : "./sign-in.js")); // who is signed in needs neither
    }
    const [, , name = "", ...params] = location.pathname.split("/");
    const place = PLACES.find((each) => each.path === (name || "today"));
    this.unknown = !place;
    if (!place) return this.requestUpdate();
    this.place = place; // shown at once, while the page is on its way
    const came = await this.need(asked, import(`./pages/${place.path}.js`));
    if (!came || asked !== this.asked) return; // another page was asked for meanwhile
    const tagName = `desk-${place.path}`;
    const same = this.page?.localName === tagName;
    const page = same ? this.page : document.createElement(tagName);
    const named = params.map(decodeURIComponent);
    if (same && named.join("/") !== page.params.join("/")) page.putAway();
    page.params = named;
    this.page = page;
    document.title = t("{name} · Desk · Pledge", { name: place.name });
    if (same) await page.reload();
    this.requestUpdate();
  }

  /** Await what an address needs. If it does not come, say so there: the page that was open is kept. */
  async need(asked, module) {
    try {
      return await module;
    } catch {
      if (asked !== this.asked) return null;
      this.unread = true;
      this.endKeys();
      return null;
    }
  }

  endKeys() {
    this.unbind();
    Object.assign(this, { keysHere: [], shownKeys: null });
  }

  /** A browser may keep that a module did not come: so the page is loaded anew. */
  drawUnread() {
    return html`<h1 role="alert">${t("This page could not be read")}</h1><p class="acts"><button type="button" class="btn" @click=${() => location.reload()}>${t("Try again")}</button></p>`;
  }

  /** Follow a link of the desk without loading the shell anew; a click that wants a new tab is the browser's. */
  follow(event) {
    const link = event.target.closest?.("a[href^='/desk']");
    if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(link.getAttribute("href"));
  }

  bind(page) {
    if (page !== this.page) return;
    const keys = page.keys().filter((key) => !key.hidden);
    this.unbind();
    const here = session.may("agent", "lead") && { m: () => this.querySelector("desk-presence").switch() };
    const bound = { r: () => page.reload(), ...here, ...Object.fromEntries(keys.map(({ key, run }) => [key, run])), "?": () => this.find() };
    this.unbind = tinykeys(window, Object.fromEntries(Object.entries(bound).map(([key, run]) => [key, (event) => this.guard(event, run)])));
    const told = keys.filter(({ quiet }) => !quiet);
    const shown = told.map(({ key, label }) => `${key} ${label}`).join();
    if (shown !== this.shownKeys) Object.assign(this, { shownKeys: shown, keysHere: told });
  }

  guard(event, run) {
    const onControl = event.key === "Enter" && event.target.closest?.("a, button, summary");
    if (!run || event.defaultPrevented /* of "G P" */ || typing(event.target) || onControl || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    run();
  }

  places() {
    return PLACES.filter(({ roles }) => roles.length && session.may(...roles));
  }

  find() {
    this.querySelector("desk-find").open();
  }

  switchTheme() {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  }

  render() {
    if (!session.signedIn) return html`<main id="main" class="alone">${this.unread ? this.drawUnread() : html`<desk-sign-in></desk-sign-in>`}</main>`;
    if (session.secondFactor === "enrol") return html`<main id="main" class="alone"><h1>${t("Set up your second factor")}</h1>
      <p class="note">${t("You work as a lead or an admin. These roles count once you have shown more than a code from your mailbox.")}</p>
      ${this.unread ? this.drawUnread() : html`<desk-second-factor></desk-second-factor>`}<p class="acts"><button type="button" class="btn plain" @click=${() => session.leave()}>${t("Sign out")}</button></p></main>`;
    return html`
      <a class="skip" href="#main">${t("Skip to the content")}</a>
      <header class="top">
        <a class="mark" href="/desk/today" aria-label=${t("Pledge: today")}><svg class="ic" viewBox="0 0 20 20" aria-hidden="true">${MARK}</svg><b>Pledge</b></a>
        <button type="button" class="find" @click=${this.find}><span>${t("Number, name, mail, SKU or scan")}</span><kbd aria-hidden="true">${t("Ctrl K")}</kbd></button>
        <span class="gap"></span>
        ${session.may("agent", "lead") ? html`<desk-presence></desk-presence>` : nothing}
        <button type="button" class="btn plain" @click=${this.switchTheme} aria-label=${t("Switch between light and dark")}><svg class="sg" viewBox="0 0 16 16" aria-hidden="true">${HALF}</svg></button>
        <details class="me"><summary aria-label=${t("You: {email}", { email: session.email })}>${session.email.slice(0, 2).toUpperCase()}</summary>
          <div class="menu"><p>${session.email}<span class="d">${session.roles.map(words).join(", ")}</span></p>
          <a class="btn" href="/desk/security">${t("Security")}</a>
          <a class="btn" href="/desk/you">${t("Where you are signed in")}</a>
          <button type="button" class="btn" @click=${() => session.leave()}>${t("Sign out")}</button></div></details>
      </header>
      <nav class="rail" aria-label=${t("Desk")}><ul>
        ${this.places().filter(({ apart }) => !apart).map(({ path, name, letter }) => html`<li><a href="/desk/${path}" aria-current=${this.place?.path === path ? "page" : nothing}><span class="l">${name}</span>${letter ? html`<span class="n"><kbd aria-hidden="true">G ${letter.toUpperCase()}</kbd></span>` : nothing}</a></li>`)}
      </ul><p class="feed is-${feed.state}">${feed.state === "live" ? t("Live: changes show by themselves") : t("Not live just now; press R to read again")}</p></nav>
      <main id="main" tabindex="-1">${this.unknown ? html`<h1>${t("There is no such page")}</h1><p>${parts("Go to {today}, or find it with Ctrl-K.", { today: html`<a href="/desk/today">${t("Today")}</a>` })}</p>` : this.unread ? this.drawUnread() : this.page}</main>
      <footer class="keys" aria-label=${t("Keys on this page")}>
        ${this.keysHere.map(({ key, label }) => html`<span><kbd>${key.length === 1 ? key.toUpperCase() : key}</kbd> ${label}</span>`)}
        <span><kbd>G</kbd> ${t("then a letter: go to")}</span><span><kbd>${t("Ctrl K")}</kbd> ${t("find")}</span>
      </footer>
      <desk-find></desk-find>`;
  }
}

customElements.define("pledge-desk", Desk);
