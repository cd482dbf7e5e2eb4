// Signing in: the address, the code that we mail, and then the second factor of who has one.

import { LitElement, html, nothing, parts, t, trouble } from "./parts.js";
import { possible, show } from "./passkeys.js";
import { session } from "./session.js";

class SignIn extends LitElement {
  static properties = { step: { state: true }, email: { state: true }, problem: { state: true }, busy: { state: true } };

  constructor() {
    super();
    Object.assign(this, { step: "email", email: "", code: "", factor: null, problem: null, busy: false });
  }

  createRenderRoot() {
    return this;
  }

  submit(event) {
    event.preventDefault();
    const given = new FormData(event.target);
    if (this.step === "email") return this.attempt(() => this.askCode(given.get("email").trim()));
    if (this.step === "code") this.code = given.get("code");
    return this.attempt(() => this.verify({ one_time_password: given.get("password") }));
  }

  async attempt(doing) {
    if (this.busy) return;
    Object.assign(this, { busy: true, problem: null });
    try {
      await doing();
    } catch (problem) {
      this.problem = problem;
      if (problem.code === "bad_code") this.step = "code";
    } finally {
      this.busy = false;
    }
  }

  async askCode(email) {
    this.email = email;
    await session.askCode(email);
    this.step = "code";
  }

  /** Send the code; who has a second factor is asked for it, and the same code goes again with it. */
  async verify(shown) {
    try {
      await session.verify(this.email, this.code, shown);
    } catch (problem) {
      if (problem.code !== "second_factor_required") throw problem;
      Object.assign(this, { step: "factor", factor: problem });
    }
  }

  async usePasskey() {
    await this.attempt(async () => this.verify({ passkey: await show(this.factor.passkeys) }));
  }

  updated(changed) {
    this.moved ||= changed.has("step");
    if (!this.moved || this.busy) return; // what is disabled takes no focus
    this.moved = false;
    this.querySelector("input, button")?.focus();
  }

  drawEmail() {
    return html`<label for="email">${t("Your e-mail address")}</label>
      <input id="email" name="email" type="email" autocomplete="username" required maxlength="254">`;
  }

  drawCode() {
    return html`<p class="soft">${parts("We sent a code to {email}, if it may sign in here.", { email: html`<b>${this.email}</b>` })}</p>
      <label for="code">${t("The code from the e-mail")}</label>
      <input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="20">`;
  }

  drawFactor() {
    const keys = possible && this.factor.passkeys.known.length > 0;
    return html`<p>${t("The code is right. Now your second factor.")}</p>
      ${keys ? html`<div class="acts"><button type="button" class="btn go" ?disabled=${this.busy} @click=${this.usePasskey}>${t("Use your passkey")}</button></div>` : nothing}
      <label for="password">${this.factor.one_time_password ? t("One-time password, or a recovery code") : t("A recovery code")}</label>
      <input id="password" name="password" autocomplete="one-time-code" required maxlength="40">`;
  }

  render() {
    const [draw, act] = {
      email: [this.drawEmail, t("Send me a code")],
      code: [this.drawCode, t("Sign in")],
      factor: [this.drawFactor, t("Sign in")],
    }[this.step];
    return html`<h1>${t("The desk of Pledge")}</h1>
      <form class="box in stack" @submit=${this.submit}>${trouble(this.problem)}${draw.call(this)}
        <div class="acts"><button class="btn ${this.step === "factor" ? "" : "go"}" ?disabled=${this.busy}>${act}</button>
        ${this.step === "email" ? nothing : html`<button type="button" class="btn" @click=${() => Object.assign(this, { step: "email", problem: null })}>${t("Another address")}</button>`}</div>
      </form>`;
  }
}

customElements.define("desk-sign-in", SignIn);
