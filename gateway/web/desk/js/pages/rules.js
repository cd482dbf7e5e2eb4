// Rules: what a new message is about, how urgent it is, and whose it is. A lead writes them, in their order.

import { RowsPage, keyOf } from "../page.js";
import { button, html, nothing, repeat, t, tc, tn } from "../parts.js";
import { get, send } from "../session.js";
import { any, capital, words } from "../words.js";

const CATEGORIES = ["product", "order", "logistics", "aftersales", "suggestion", "complaint"];
const TOPICS = ["parameters", "materials", "usage", "matching", "order_rules", "logistics_instructions"];
const STATES = ["unpaid", "paid", "shipped", "delivered", "cancelled", "expired"];
const PRIORITIES = ["low", "normal", "high", "urgent"];
const LISTS = ["categories", "topics", "order_states"];
const TYPED = ["words", "customers"];
const SETS = ["category", "priority", "team"];
const NAMES = { words: t("the words"), customers: t("from"), categories: t("filed as"), topics: t("about"), order_states: t("the order is") };

const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
const asks = (rule) => Object.entries(NAMES).filter(([name]) => rule[name]).map(([name, told]) => `${told} ${any(TYPED.includes(name) ? rule[name] : rule[name].map(words))}`).reduce((some, last) => (some ? t("{some}, and {last}", { some, last }) : last), "");
const does = (rule) => SETS.filter((name) => rule[name]).map((name) => `${words(name)} ${name === "team" ? rule.team : words(rule[name])}`).join(", ");

class Rules extends RowsPage {
  static properties = { form: { state: true }, caught: { state: true } };
  static follows = ["support"];

  constructor() {
    super();
    Object.assign(this, { form: null, caught: null, version: null, teams: [] });
  }

  async load() {
    const [{ items, version }, { items: teams }] = await Promise.all([get("/v1/rules"), get("/v1/teams")]);
    Object.assign(this, { version, teams });
    this.rows = items.map((rule, place) => ({ rule, place, key: rule.name, href: "/desk/rules", action: { key: "e", label: tc("verb", "Change"), run: () => this.show(rule, place) } }));
  }

  keys() {
    const none = this.form || !this.row;
    return [
      ...super.keys().filter(({ key }) => key !== "Enter"),
      { key: "u", label: t("earlier"), run: () => this.shift(-1), hidden: none || this.row.place === 0 },
      { key: "d", label: t("later"), run: () => this.shift(1), hidden: none || this.row.place === this.rows.length - 1 },
      { key: "n", label: t("add a rule"), run: () => this.show({ name: "" }, null) },
    ];
  }

  show(rule, place) {
    Object.assign(this, { form: { rule, place, version: this.version }, caught: null });
    this.focusOn("#rule-name");
  }

  /** Put the whole list; what others changed since it was read refuses it. */
  put(rules, said, version = this.version) {
    return this.act(() => send("PUT", "/v1/rules", { items: rules }, { version }), said);
  }

  get all() {
    return this.rows.map(({ rule }) => rule);
  }

  async shift(by) {
    const { place, rule } = this.row, rules = this.all;
    rules.splice(place, 1);
    rules.splice(place + by, 0, rule);
    await this.put(rules, t("{name} is number {place} now.", { name: rule.name, place: place + by + 1 }));
  }

  /** The rule as the form has it; what is left empty is left out. */
  ruleOf(form) {
    const given = new FormData(form), rule = { name: given.get("name").trim() };
    for (const name of LISTS) if (given.has(name)) rule[name] = given.getAll(name);
    for (const name of TYPED) if (lines(given.get(name)).length) rule[name] = lines(given.get(name));
    for (const name of SETS) if (given.get(name)) rule[name] = given.get(name);
    return rule;
  }

  async save(event) {
    event.preventDefault();
    const rule = this.ruleOf(event.target), { place, version } = this.form, rules = this.all;
    rules.splice(place ?? rules.length, place === null ? 0 : 1, rule);
    if (await this.put(rules, t("The rule {name} holds for what comes in from now on.", { name: rule.name }), version)) this.form = null;
    else if (this.form && this.problem?.code === "version_moved") this.form = { ...this.form, version: this.version }; // what moved was told; what is sent then is meant
  }

  async removeRule() {
    const { rule, place } = this.form;
    if (await this.put(this.all.filter((_, at) => at !== place), t("The rule {name} is gone.", { name: rule.name }), this.form.version)) this.form = null;
  }

  /** Show what the rule would have caught, as the form has it now. */
  async preview() {
    const rule = this.ruleOf(this.querySelector("form.rule"));
    let caught = null;
    if (await this.act(async () => (caught = await send("POST", "/v1/rules/preview", rule)))) this.caught = caught;
  }

  draw() {
    return html`<div class="head"><h1>${t("Rules")} <small>${tn("{n} rule; each field is set by the first that fits", "{n} rules; each field is set by the first that fits", this.rows.length)}</small></h1>${button({ key: "n", label: t("Add a rule"), run: () => this.show({ name: "" }, null) })}</div>
      <p class="soft">${t("They look at each new message of the form once, as its customer sent it. A complaint or a suggestion stays one, and no answer comes later than the customer was told.")}</p>
      ${this.form?.place === null ? html`<div class="box in">${this.drawForm()}</div>` : nothing}
      ${this.rows.length === 0 ? html`<div class="box empty"><h2>${t("There are no rules.")}</h2></div>` : html`<div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">${t("Rules, in their order")}</caption><thead><tr><th scope="col">${t("Rule")}</th><th scope="col">${t("If")}</th><th scope="col">${t("Then")}</th><th scope="col"><span class="vh">${t("Action")}</span></th></tr></thead>
        ${repeat(this.rows, keyOf, (row, place) => this.drawRow(row, place))}</table></div>`}`;
  }

  drawRow({ rule, action, place: number }, place) {
    const at = (run) => () => { this.here = place; run(); };
    return html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td><b>${number + 1}. ${rule.name}</b></td><td>${asks(rule)}</td><td>${does(rule)}</td>
      <td class="r">${button({ label: t("Earlier"), run: at(() => this.shift(-1)), hidden: number === 0 })} ${button({ ...action, run: at(action.run) })}</td></tr>
      ${this.form?.place === number ? html`<tr><td colspan="4">${this.drawForm()}</td></tr>` : nothing}</tbody>`;
  }

  drawForm() {
    const { rule, place } = this.form;
    const ticks = (name, legend, values) => html`<fieldset><legend>${legend}</legend>${values.map((each) => html`<label class="choice"><input type="checkbox" name=${name} value=${each} ?checked=${rule[name]?.includes(each)}> ${capital(words(each))}</label>`)}</fieldset>`;
    const choice = (name, label, values) => html`<div class="field"><label for="rule-${name}">${label}</label><select id="rule-${name}" name=${name}><option value="">${t("As it is")}</option>${values.map((each) => html`<option value=${each} ?selected=${each === rule[name]}>${words(each)}</option>`)}</select></div>`;
    return html`<form class="rule stack" @submit=${this.save}><h2>${place === null ? t("Add a rule") : t("Change {name}", { name: rule.name })}</h2>
      <div class="field"><label for="rule-name">${t("Name: it stands on the timeline of what the rule sorts")}</label><input id="rule-name" name="name" required maxlength="80" .defaultValue=${rule.name}></div>
      <p class="soft">${t("What you leave empty is not asked. Of what you fill in, each has to fit.")}</p>
      <div class="field"><label for="rule-words">${t("One of these words in subject or message, a line for each")}</label><textarea id="rule-words" name="words" rows="3" .defaultValue=${(rule.words ?? []).join("\n")}></textarea></div>
      <div class="field"><label for="rule-customers">${t("From one of these addresses or domains, a line for each")}</label><textarea id="rule-customers" name="customers" rows="2" .defaultValue=${(rule.customers ?? []).join("\n")}></textarea></div>
      ${ticks("categories", t("Filed as one of"), CATEGORIES)}${ticks("topics", t("About one of"), TOPICS)}${ticks("order_states", t("The order that it names is"), STATES)}
      ${choice("category", t("Then it is about"), CATEGORIES)}${choice("priority", t("Then its priority is"), PRIORITIES)}${choice("team", t("Then it is for the team"), this.teams.map(({ name }) => name))}
      <div class="acts"><button class="btn go" ?disabled=${this.busy}>${t("Save")}</button><button type="button" class="btn" ?disabled=${this.busy} @click=${this.preview}>${t("Try it on the last 100")}</button><button type="button" class="btn" @click=${() => (this.form = null)}>${t("Back")}</button>${button({ label: t("Remove the rule"), stop: true, run: () => this.removeRule(), hidden: place === null })}</div>
      ${this.caught ? this.drawCaught(this.caught) : nothing}</form>`;
  }

  drawCaught({ items, looked_at: seen }) {
    return html`<div role="status"><p>${tn("It fits {fits} of the last {n} ticket. Nothing was changed.", "It fits {fits} of the last {n} tickets. Nothing was changed.", seen, { fits: items.length })}</p>${items.length ? html`<ul>${items.map((each) => html`<li><a class="mono" href="/desk/inbox/${each.number}">${each.number}</a> ${each.subject} <span class="soft">${each.sets.length ? t("sets {what}", { what: each.sets.map(words).join(", ") }) : t("changes nothing")}</span></li>`)}</ul>` : nothing}</div>`;
  }
}

customElements.define("desk-rules", Rules);
