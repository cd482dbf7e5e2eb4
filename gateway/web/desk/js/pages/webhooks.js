// Webhooks: which systems of the shop are told of what happens, and how that goes. An admin says so.

import { RowsPage, keyOf } from "../page.js";
import { at, button, html, nothing, parts, repeat, t, tag, tc, tn } from "../parts.js";
import { get, list, send } from "../session.js";
import { capital, words } from "../words.js";

const NEW = { url: "", description: "", event_types: [] };
const STATES = { delivered: "kept", failed: "late", pending: "" };
const path = (id) => `/v1/webhook-endpoints/${encodeURIComponent(id)}`;
const host = ({ url }) => new URL(url).host;

class Webhooks extends RowsPage {
  static properties = { form: { state: true }, made: { state: true } };
  static follows = ["support"];

  constructor() {
    super();
    Object.assign(this, { form: null, made: null, types: [], sent: [], more: false });
  }

  get drafted() {
    return this.form;
  }

  async load() {
    const [{ items, event_types: types }, { items: sent, more }] = await Promise.all([get("/v1/webhook-endpoints"), list("/v1/webhook-deliveries", this.most)]);
    Object.assign(this, { types, sent, more });
    this.rows = items.map((row) => ({ ...row, key: row.id, href: "/desk/webhooks", action: { key: "e", label: tc("verb", "Change"), run: () => this.show(row) } }));
  }

  keys() {
    return [...super.keys().filter(({ key }) => key !== "Enter"), { key: "n", label: t("add an endpoint"), run: () => this.show(NEW) }];
  }

  show(row) {
    this.form = { ...row, isNew: !row.id };
    this.focusOn("#hook-url");
  }

  async save(event) {
    event.preventDefault();
    const given = new FormData(event.target), { id, isNew, version, enabled } = this.form;
    const wish = { url: given.get("url").trim(), description: given.get("description").trim() || (isNew ? null : ""), event_types: given.getAll("types") };
    const save = async () => (isNew ? (this.made = await send("POST", "/v1/webhook-endpoints", wish)) : send("PATCH", path(id), wish, { version }));
    const saved = isNew || enabled ? t("These events are sent to {host} from now on.", { host: host(wish) }) : t("{host} is changed, and stays disabled.", { host: host(wish) });
    const done = await this.finish("form", save, saved);
    if (!done && this.form?.id === id && this.problem?.code === "version_moved") this.form = { ...this.form, ...this.rows.find((row) => row.id === id) };
  }

  async enable(row, enabled) {
    await this.finish("form", () => send("PATCH", path(row.id), { enabled }, { version: row.version }), enabled ? t("Events are sent to {host} again.", { host: host(row) }) : t("No event is sent to {host} any more.", { host: host(row) }));
  }

  async renew(row) {
    await this.finish("form", async () => (this.made = await send("POST", `${path(row.id)}/secret`)), t("{host} has a new secret; the one before is good for a day.", { host: host(row) }));
  }

  async remove(row) {
    await this.finish("form", () => send("DELETE", path(row.id)), t("{host} is removed.", { host: host(row) }));
  }

  replay(delivery) {
    return this.act(() => send("POST", `/v1/webhook-deliveries/${delivery.id}/replay`), t("It is sent once more."));
  }

  draw() {
    return html`<div class="head"><h1>${t("Webhooks")} <small>${tn("{n} endpoint", "{n} endpoints", this.rows.length)}</small></h1>${button({ key: "n", label: t("Add an endpoint"), run: () => this.show(NEW) })}</div>
      <p class="soft">${t("Systems of the shop are told of events by signed requests, without personal data. What fails is tried again for three days.")}</p>
      ${this.made ? this.drawSecret(this.made) : nothing}${this.form?.isNew ? html`<div class="box in">${this.drawForm()}</div>` : nothing}
      ${this.rows.length === 0 ? html`<div class="box empty"><h2>${t("No system is told of events.")}</h2></div>` : html`<div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">${t("Where events are sent to")}</caption><thead><tr><th scope="col">${t("Endpoint")}</th><th scope="col">${t("Events")}</th><th scope="col">${t("State")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${repeat(this.rows, keyOf, (row, place) => this.drawRow(row, place))}</table></div>`}
      ${this.sent.length === 0 ? nothing : html`<section class="box"><h2>${t("What was sent")}</h2><div class="scroll" tabindex="0"><table class="rows"><caption class="vh">${t("What was sent")}</caption><thead><tr><th scope="col">${t("Event")}</th><th scope="col">${t("Sent to")}</th><th scope="col">${t("State")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead><tbody>${this.long.draw("sent", this.sent, ({ id }) => id, (each) => this.drawSent(each))}</tbody></table></div></section>`}${this.drawMore(this.more)}`;
  }

  drawSecret({ endpoint, secret }) {
    return html`<div class="note kept" role="status"><p>${t("The secret of {host} is shown only now. Keep it where that system reads it.", { host: host(endpoint) })}</p><p><code class="mono told">${secret}</code></p><div class="acts"><button type="button" class="btn" @click=${() => (this.made = null)}>${t("I have kept it")}</button></div></div>`;
  }

  drawRow(row, place) {
    const state = row.enabled ? (row.failing_since ? tag(t("failing"), "risk") : tag(t("enabled"), "kept")) : tag(capital(words(row.disabled_reason)), "late");
    return html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td><b>${row.description ?? host(row)}</b><span class="d told">${row.url}</span></td><td>${row.event_types.map((type) => html`<span class="tag mono">${type}</span> `)}</td>
      <td>${state}${row.failing_since && row.enabled ? html`<span class="d">${parts("since {at}", { at: at(row.failing_since) })}</span>` : nothing}${row.old_secret_until ? html`<span class="d">${parts("the secret before is good until {at}", { at: at(row.old_secret_until) })}</span>` : nothing}</td><td class="r">${button({ ...row.action })}</td></tr>
      ${this.form && this.form.id === row.id ? html`<tr><td colspan="4">${this.drawForm()}</td></tr>` : nothing}</tbody>`;
  }

  drawSent(each) {
    const endpoint = this.rows.find(({ id }) => id === each.endpoint_id), last = each.attempts.at(-1);
    return html`<tr><td><span class="mono">${each.event_type}</span><span class="d">${each.order_number ? html`<a href="/desk/orders/${each.order_number}">${each.order_number}</a> · ` : nothing}${at(each.occurred_at)}</span></td><td>${endpoint?.description ?? (endpoint ? host(endpoint) : "")}</td>
      <td>${tag(words(each.state), STATES[each.state])}${last ? html`<span class="d">${at(last.at)} · ${last.status ?? last.problem}</span>` : nothing}${each.state === "pending" && last ? html`<span class="d">${parts("again at {at}", { at: at(each.next_attempt_at) })}</span>` : nothing}</td><td class="r">${button({ label: t("Send again"), run: () => this.replay(each), hidden: !endpoint?.enabled || each.state === "pending" })}</td></tr>`;
  }

  drawForm() {
    const row = this.form, { url, description, event_types: chosen, isNew } = row;
    const shown = this.rows.find(({ id }) => id === row.id) ?? row; // the form may be older than what was read since
    return html`<form class="stack" @submit=${this.save}><h2>${isNew ? t("Add an endpoint") : t("Change {host}", { host: host(row) })}</h2>
      <div class="field"><label for="hook-url">${t("Address: https, and public")}</label><input id="hook-url" name="url" type="url" required maxlength="2000" .defaultValue=${url}></div>
      <div class="field"><label for="hook-description">${t("What it is")}</label><input id="hook-description" name="description" maxlength="120" .defaultValue=${description ?? ""}></div>
      <fieldset><legend>${t("Events")}</legend>${this.types.map((type) => html`<label class="choice"><input type="checkbox" name="types" value=${type} ?checked=${chosen.includes(type)}> <span class="mono">${type}</span></label>`)}</fieldset>
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${isNew ? t("Add") : t("Save")}</button><button type="button" class="btn" @click=${() => (this.form = null)}>${t("Back")}</button>
        ${button({ label: t("Make a new secret"), run: () => this.renew(shown), hidden: isNew })}
        ${button({ label: shown.enabled ? t("Disable") : t("Enable"), run: () => this.enable(shown, !shown.enabled), hidden: isNew })}
        ${button({ label: t("Remove"), stop: true, run: () => this.remove(shown), hidden: isNew })}</div></form>`;
  }
}

customElements.define("desk-webhooks", Webhooks);
