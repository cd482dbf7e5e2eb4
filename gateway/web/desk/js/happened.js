// What happened to a conversation: who was given it and why, what was corrected and by which rule. Read when it is opened.

import { LitElement, at, html, nothing, t } from "./parts.js";
import { get } from "./session.js";
import { capital, person, words } from "./words.js";

const WHY = { turn: t("it was their turn"), off: t("who had it is off"), left: t("who had it has left") };

function told({ type, body }) {
  if (type === "ticket_assigned") return `${body.assignee ? t("Given to {assignee}", { assignee: person(body.assignee) }) : body.before ? t("Back to the team, from {before}", { before: person(body.before) }) : t("Back to the team")}${WHY[body.why] ? `: ${WHY[body.why]}` : ""}`;
  if (type === "ticket_amended") {
    const changes = Object.entries(body.changed).map(([name, { from, to }]) => `${words(name)} ${from ? `${words(from)} → ` : ""}${to ? words(to) : t("left out")}`);
    return `${changes.join(", ")}${body.rules?.length ? `; ${t("by the rule {rules}", { rules: body.rules.join(", ") })}` : ""}`;
  }
  return capital(words(type));
}

class Happened extends LitElement {
  static properties = { number: {}, version: {}, steps: { state: true }, failed: { state: true } };

  constructor() {
    super();
    Object.assign(this, { steps: null, failed: false, open: false });
  }

  createRenderRoot() {
    return this;
  }

  willUpdate(changed) {
    if (changed.has("number")) this.steps = null;
    if (this.open && (changed.has("number") || changed.has("version"))) this.read();
  }

  async read() {
    const { number } = this;
    try {
      const { items } = await get(`/v1/tickets/${number}/timeline`);
      if (number === this.number) Object.assign(this, { steps: items.toReversed?.() ?? [...items].reverse(), failed: false });
    } catch {
      this.failed = true;
    }
  }

  toggled(event) {
    this.open = event.target.open;
    if (this.open && !this.steps) this.read();
  }

  render() {
    return html`<details class="box" @toggle=${this.toggled}><summary class="in">${t("What happened")}</summary>${this.failed ? html`<p class="in soft" role="alert">${t("It could not be read just now.")}</p>` : this.steps ? html`<ol class="in stack">${this.steps.map((step) => html`<li>${capital(told(step))} <span class="d">${person(step.actor).replace(/^service:.*/, t("by itself"))} ${at(step.occurred_at)}</span></li>`)}</ol>` : nothing}</details>`;
  }
}

customElements.define("desk-happened", Happened);
