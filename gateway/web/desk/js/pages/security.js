// How you sign in: your second factors.

import { Page } from "../page.js";
import { html, t } from "../parts.js";
import "../second-factor.js";

class SecurityPage extends Page {
  draw() {
    return html`<div class="stack"><h1>${t("Security")}</h1><div><desk-second-factor></desk-second-factor></div></div>`;
  }
}

customElements.define("desk-security", SecurityPage);
