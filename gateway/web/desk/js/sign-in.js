// Signing in: the address, then the code that we mail.

import { LitElement, html, nothing, trouble } from "./parts.js";
import { session } from "./session.js";

class SignIn extends LitElement {
  static properties = { email: { state: true }, asked: { state: true }, problem: { state: true }, busy: { state: true } };

  constructor() {
    super();
    Object.assign(this, { email: "", asked: false, problem: null, busy: false });
  }

  createRenderRoot() {
    return this;
  }

  async submit(event) {
    event.preventDefault();
    const given = new FormData(event.target);
    Object.assign(this, { busy: true, problem: null });
    try {
      if (this.asked) await session.verify(this.email, given.get("code"), given.get("password"));
      else {
        this.email = given.get("email").trim();
        await session.askCode(this.email);
        this.asked = true;
      }
    } catch (problem) {
      this.problem = problem;
    } finally {
      this.busy = false;
    }
  }

  updated(changed) {
    if (changed.has("asked")) this.querySelector("input")?.focus();
  }

  render() {
    const code = html`<p class="soft">We sent a code to <b>${this.email}</b>, if it may sign in here.</p>
      <label for="code">The code from the e-mail</label>
      <input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="20">
      <label for="password">One-time password, if you have set up a second factor</label>
      <input id="password" name="password" autocomplete="off" maxlength="40">`;
    const email = html`<label for="email">Your e-mail address</label>
      <input id="email" name="email" type="email" autocomplete="username" required maxlength="254">`;
    return html`<h1>The desk of Pledge</h1>
      <form class="box in stack" @submit=${this.submit}>${trouble(this.problem)}${this.asked ? code : email}
        <div class="acts"><button class="btn go" ?disabled=${this.busy}>${this.asked ? "Sign in" : "Send me a code"}</button>
        ${this.asked ? html`<button type="button" class="btn" @click=${() => (this.asked = false)}>Another address</button>` : nothing}</div>
      </form>`;
  }
}

customElements.define("desk-sign-in", SignIn);
