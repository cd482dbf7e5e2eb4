// Your second factors: passkeys, an app for one-time passwords, and the recovery codes that stand in for them.
//
// Shown after the first sign-in of an admin or a lead, whose roles wait for it, and on the page Security.

import { LitElement, at, html, nothing, parts, t, tn, trouble } from "./parts.js";
import { make, possible } from "./passkeys.js";
import { get, send, session } from "./session.js";

const PASSKEYS = "/v1/second-factor/passkeys";
const inFours = (text) => text.match(/.{1,4}/g).join(" ");

class SecondFactor extends LitElement {
  static properties = { factors: { state: true }, begun: { state: true }, codes: { state: true }, problem: { state: true }, busy: { state: true }, said: { state: true } };

  constructor() {
    super();
    Object.assign(this, { factors: null, begun: null, codes: null, problem: null, busy: false, said: "" });
  }

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.begin();
  }

  /** Read; who was interrupted on the way, with a factor that is set up, goes on. */
  async begin() {
    await this.attempt(async () => {});
    const set = this.factors?.one_time_password || this.factors?.passkeys.length;
    if (set && session.secondFactor === "enrol") await session.renewRoles();
  }

  /** Do something, then read again how things are. */
  async attempt(doing, said = "") {
    if (this.busy) return;
    Object.assign(this, { busy: true, problem: null, said: "" });
    try {
      await doing();
      this.factors = await get("/v1/second-factor");
      this.said = said;
    } catch (problem) {
      this.problem = problem;
    } finally {
      this.busy = false;
    }
  }

  /** Recovery codes are shown once: the session goes on when its owner has kept them. */
  keep(codes) {
    this.codes = codes.length ? codes : null;
    return this.codes ? null : session.renewRoles();
  }

  addPasskey(event) {
    event.preventDefault();
    const name = new FormData(event.target).get("name").trim();
    return this.attempt(async () => {
      const made = await make(await send("POST", PASSKEYS));
      const { recovery_codes: codes } = await send("POST", `${PASSKEYS}/confirmation`, { name, ...made });
      event.target.reset();
      await this.keep(codes);
    }, t("The passkey {name} is set up.", { name }));
  }

  beginApp() {
    return this.attempt(async () => (this.begun = await send("POST", "/v1/second-factor")));
  }

  confirmApp(event) {
    event.preventDefault();
    const password = new FormData(event.target).get("password").trim();
    return this.attempt(async () => {
      const { recovery_codes: codes } = await send("POST", "/v1/second-factor/confirmation", { one_time_password: password });
      this.begun = null;
      await this.keep(codes);
    }, t("The app is set up."));
  }

  remove({ id, name }) {
    if (!confirm(t("Remove the passkey {name}? You cannot sign in with it any more.", { name }))) return null;
    return this.attempt(async () => {
      await send("DELETE", `${PASSKEYS}/${id}`);
      await session.renewRoles();
    }, t("The passkey {name} is removed.", { name }));
  }

  updated(changed) {
    if (changed.has("codes") && this.codes) this.querySelector("button")?.focus();
    if (changed.has("begun") && this.begun) this.querySelector("#password")?.focus();
  }

  drawCodes() {
    return html`<section class="box" aria-label=${t("Recovery codes")}><h2>${t("Recovery codes")}</h2><div class="in stack">
      <p>${t("Each is good once, in the place of your second factor. Keep them where your phone is not: they are shown only now.")}</p>
      <ul class="mono codes">${this.codes.map((code) => html`<li>${code}</li>`)}</ul>
      <div class="acts"><button type="button" class="btn go" @click=${() => this.attempt(() => ((this.codes = null), session.renewRoles()))}>${t("I have kept them")}</button></div></div></section>`;
  }

  drawPasskeys() {
    const keys = this.factors.passkeys;
    return html`<section class="box"><h2>${t("Passkeys")}</h2><div class="in stack">
      <p class="soft">${t("Your device or security key signs for you. Nothing can be read off it, and it works on this site alone.")}</p>
      ${keys.length ? html`<table class="rows"><thead><tr><th>${t("Name")}</th><th>${t("Last used")}</th><th><span class="vh">${t("Remove")}</span></th></tr></thead>
        <tbody>${keys.map((key) => html`<tr><td>${key.name}</td><td>${key.used_at ? at(key.used_at) : t("never")}</td>
          <td class="r"><button type="button" class="btn" ?disabled=${this.busy} @click=${() => this.remove(key)} aria-label=${t("Remove {name}", { name: key.name })}>${t("Remove")}</button></td></tr>`)}</tbody></table>` : nothing}
      ${possible ? html`<form class="stack" @submit=${this.addPasskey}><div class="field"><label for="name">${t("What you call this device")}</label><input id="name" name="name" required maxlength="60" autocomplete="off"></div>
        <div class="acts"><button class="btn go" ?disabled=${this.busy}>${t("Add a passkey")}</button></div></form>` : html`<p>${t("Passkeys do not work in this browser, or not at this address. Use the app.")}</p>`}</div></section>`;
  }

  drawApp() {
    const { begun, factors } = this;
    const begin = html`<p>${factors.one_time_password ? t("An app is set up.") : t("An app on your phone shows six digits that change every half minute.")}</p>
      <div class="acts"><button type="button" class="btn" ?disabled=${this.busy} @click=${this.beginApp}>${factors.one_time_password ? t("Set up another app in its place") : t("Set up an app")}</button></div>`;
    return html`<section class="box"><h2>${t("One-time passwords")}</h2><div class="in stack">
      ${begun ? html`<p>${parts("Scan this with your app. On the phone itself, open {key}.", { key: html`<a href=${begun.uri}>${t("its key in the app")}</a>` })}</p><img class="qr" src=${begun.qr_code} alt=${t("QR code of the key below")} width="200" height="200"><p>${t("Or type the key in:")}</p><p class="mono key">${inFours(begun.secret)}</p>
        <form class="stack" @submit=${this.confirmApp}><div class="field"><label for="password">${t("What the app shows now")}</label><input id="password" name="password" inputmode="numeric" autocomplete="one-time-code" required maxlength="20"></div>
        <div class="acts"><button class="btn go" ?disabled=${this.busy}>${t("Confirm")}</button></div></form>` : begin}</div></section>`;
  }

  render() {
    const left = this.factors?.recovery_codes_left;
    return html`<p class="vh" role="status" aria-live="polite">${this.said}</p>${trouble(this.problem)}
      ${this.codes ? this.drawCodes() : this.factors ? html`<div class="stack">${this.drawPasskeys()}${this.drawApp()}
        ${left ? html`<p class="soft">${tn("{n} recovery code is left. New ones come with a new app.", "{n} recovery codes are left. New ones come with a new app.", left)}</p>` : nothing}</div>` : html`<p class="soft" role="status">${t("Reading…")}</p>`}`;
  }
}

customElements.define("desk-second-factor", SecondFactor);
