// Knowledge: the articles that customers read. One person writes a text, another one publishes it.
//
//   /desk/knowledge                       all articles: what waits to be published first, then what is to be looked at again
//   /desk/knowledge/<slug>                one of them: its text, how it will read, its versions, what readers thought
//   /desk/knowledge/new?ticket=TIC-…      a new one; with a ticket, the proposal out of that conversation

import { RowsPage, go, keyOf } from "../page.js";
import { at, button, facts, html, nothing, parts, repeat, t, tag, tn } from "../parts.js";
import { get, list, send, session } from "../session.js";
import { capital, person, words } from "../words.js";

const TOPICS = ["order_rules", "logistics_instructions", "returns", "refunds", "parameters", "materials", "usage", "matching", "service"];
const PAUSE = 500; // milliseconds without a key, after which the preview is drawn
const NEW = "new";

/** HTML that our server has cleaned, as nodes. */
function nodes(text) {
  const box = document.createElement("div");
  box.className = "reads";
  box.append(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
  return box;
}

const waits = ({ version, published_version: published }) => version !== published;
const isDue = ({ review_at: moment }) => moment !== null && new Date(moment) <= new Date();

class Knowledge extends RowsPage {
  static properties = { article: { state: true }, preview: { state: true }, proposal: { state: true } };
  static follows = ["support"];

  constructor() {
    super();
    Object.assign(this, this.shut());
  }

  shut() {
    return { article: null, preview: null, proposal: null };
  }

  get slug() {
    return this.params[0] ?? null;
  }

  get opened() {
    return this.article ? { number: this.article.slug, version: this.article.version } : null;
  }

  async load() {
    if (this.slug === NEW) return this.begin();
    if (this.slug) {
      const { slug } = this, article = await get(`/v1/knowledge/${encodeURIComponent(slug)}/versions`);
      if (slug !== this.slug) return;
      const field = this.querySelector("#article-body"), drafted = field && field.value !== field.defaultValue;
      this.article = article;
      return drafted ? undefined : this.show(article.versions[0].body);
    }
    const parts = await Promise.all(["draft", "published"].map((state) => list(`/v1/knowledge?state=${state}`, this.most)));
    const found = new Map(parts.flatMap(({ items }) => items).map((each) => [each.slug, each]));
    const rank = ({ desk }) => (waits(desk) ? 0 : isDue(desk) ? 1 : 2);
    this.more = parts.some(({ more }) => more);
    this.rows = [...found.values()].sort((one, other) => rank(one) - rank(other) || one.slug.localeCompare(other.slug)).map((each) => ({ each, key: each.slug, href: `/desk/knowledge/${each.slug}` }));
  }

  /** Begin a new text; out of a solved conversation where the address names one. */
  async begin() {
    const number = new URLSearchParams(location.search).get("ticket");
    if (this.proposal && this.proposal.number === number) return;
    const made = number ? await get(`/v1/tickets/${encodeURIComponent(number)}/article`) : { title: "", body: "", left_out: 0 };
    this.proposal = { ...made, number };
    await this.show(made.body);
  }

  async show(body) {
    this.preview = body.trim().length < 20 ? null : nodes((await send("POST", "/v1/knowledge/preview", { body })).html);
  }

  typed(event) {
    clearTimeout(this.pausing);
    const body = event.target.value;
    this.pausing = setTimeout(() => this.show(body).catch((problem) => (this.problem = problem)), PAUSE);
  }

  keys() {
    if (!this.slug) return [...super.keys(), { key: "n", label: t("new article"), run: () => go(`/desk/knowledge/${NEW}`) }];
    const text = this.article?.versions[0];
    return [
      { key: "e", label: t("edit"), run: () => this.focusOn("#article-body") },
      { key: "p", label: t("publish"), run: () => this.publish(), hidden: !text || text.author === session.email },
      { key: "l", label: t("all articles"), run: () => go("/desk/knowledge") },
    ];
  }

  async save(event) {
    event.preventDefault();
    const { slug: named, sku, ...given } = Object.fromEntries(new FormData(event.target));
    const slug = this.article?.slug ?? named.trim();
    const wish = { ...given, ...(sku.trim() ? { sku: sku.trim() } : {}) };
    if (!this.article && (slug === NEW || (await this.isTaken(slug)))) {
      this.problem = { detail: t("This address is taken. Please choose another one.") };
      return;
    }
    const version = this.from ?? this.article?.version ?? null;
    this.from = null; // a refusal tells what changed; what is sent then is meant
    if (!(await this.act(() => send("PUT", `/v1/knowledge/${encodeURIComponent(slug)}`, wish, { version }), t("It is saved. A second person publishes it.")))) return;
    if (this.slug === NEW) go(`/desk/knowledge/${slug}`);
  }

  isTaken(slug) {
    return get(`/v1/knowledge/${encodeURIComponent(slug)}/versions`).then(() => true, ({ status }) => status !== 404);
  }

  publish() {
    const { slug, version } = this.article;
    return this.act(() => send("POST", `/v1/knowledge/${slug}/publication`, {}, { version }), t("Customers read this version now."));
  }

  withdraw() {
    return this.act(() => send("DELETE", `/v1/knowledge/${this.article.slug}/publication`), t("Customers do not see it any more."));
  }

  fromTicket(event) {
    event.preventDefault();
    go(`/desk/knowledge/${NEW}?ticket=${encodeURIComponent(new FormData(event.target).get("ticket").trim())}`);
  }

  draw() {
    return this.slug ? this.drawOne() : this.drawAll();
  }

  drawAll() {
    const answered = this.rows.reduce((sum, { each }) => sum + each.desk.answered, 0);
    return html`<div class="head"><h1>${t("Knowledge")} <small>${tn("{n} reader found the answer beside the contact form and sent nothing", "{n} readers found the answer beside the contact form and sent nothing", answered)}</small></h1>${button({ key: "n", label: t("New article"), run: () => go(`/desk/knowledge/${NEW}`) })}</div>
      <form class="box in" @submit=${this.fromTicket}><div class="field"><label for="from-ticket">${t("Begin with a solved ticket: its number")}</label><input id="from-ticket" name="ticket" required maxlength="60" autocomplete="off"></div><div class="acts"><button class="btn">${t("Propose a text")}</button></div></form>
      ${this.rows.length === 0 ? html`<div class="box empty"><h2>${t("No article was written yet.")}</h2></div>` : html`<div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">${t("Articles, what waits to be published first")}</caption><thead><tr><th scope="col">${t("Article")}</th><th scope="col">${t("State")}</th><th scope="col">${t("Topic")}</th><th scope="col" class="r">${t("It helped")}</th><th scope="col" class="r">${t("Sent nothing")}</th></tr></thead>
        ${repeat(this.rows, keyOf, ({ each, href }, place) => html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td><a class="t" href=${href}>${each.title}</a><span class="d">${each.summary}</span></td>
          <td>${this.drawState(each.desk)}</td><td>${capital(words(each.topic))}</td><td class="r">${t("{helpful} of {all}", { helpful: each.desk.helpful, all: each.desk.helpful + each.desk.not_helpful })}</td><td class="r">${each.desk.answered}</td></tr></tbody>`)}</table></div>`}${this.drawMore(this.more)}`;
  }

  drawState(desk) {
    if (desk.published_version === null) return tag(t("not published"), "risk");
    if (waits(desk)) return tag(t("version {version} waits", { version: desk.version }), "risk");
    return isDue(desk) ? tag(t("look at it again"), "late") : tag(t("published"), "kept");
  }

  drawOne() {
    const { article, proposal } = this;
    if (!article && !proposal) return html`<div class="head"><h1>${t("Knowledge")}</h1></div>`;
    const text = article?.versions[0] ?? { title: proposal.title, summary: "", body: proposal.body, topic: "order_rules", language: "en", sku: null };
    const mine = text.author === session.email;
    return html`<div class="head"><h1>${article ? article.slug : t("New article")} <small>${article ? this.drawState(article) : nothing}</small></h1><a class="btn" href="/desk/knowledge">${t("All articles")}</a></div>
      ${proposal?.number ? html`<p class="note">${tn("Out of {number}, with {n} place left out that named a person. Read it with care: a machine does not see every name.", "Out of {number}, with {n} places left out that named a person. Read it with care: a machine does not see every name.", proposal.left_out, { number: proposal.number })}</p>` : nothing}
      <div class="two"><div class="stack"><form class="box in stack" @submit=${this.save} @input=${() => (this.from ??= this.article?.version)}>
        ${article ? nothing : html`<div class="field"><label for="article-slug">${t("Address: small letters, digits and hyphens")}</label><input id="article-slug" name="slug" required maxlength="63" pattern="[a-z0-9](-?[a-z0-9]){0,31}" autocomplete="off"></div>`}
        <div class="field"><label for="article-title">${t("Question, as a customer asks it")}</label><input id="article-title" name="title" required minlength="5" maxlength="200" .defaultValue=${text.title}></div>
        <div class="field"><label for="article-summary">${t("The answer in one sentence")}</label><input id="article-summary" name="summary" required minlength="5" maxlength="400" .defaultValue=${text.summary}></div>
        <div class="field"><label for="article-topic">${t("Topic")}</label><select id="article-topic" name="topic">${TOPICS.map((topic) => html`<option value=${topic} ?selected=${topic === text.topic}>${capital(words(topic))}</option>`)}</select></div>
        <div class="field"><label for="article-language">${t("Language, by its tag")}</label><input id="article-language" name="language" required maxlength="35" .defaultValue=${text.language}></div>
        <div class="field"><label for="article-sku">${t("Article number of the product, if it is about one")}</label><input id="article-sku" name="sku" maxlength="64" autocomplete="off" .defaultValue=${text.sku ?? ""}></div>
        <div class="field"><label for="article-body">${t("Text, in Markdown. Write promised times by name in double braces: return_days, refund, dispatch, delivery")}</label><textarea id="article-body" name="body" rows="16" required minlength="20" maxlength="20000" .defaultValue=${text.body} @input=${this.typed}></textarea></div>
        <div class="acts"><button class="btn go" ?disabled=${this.busy}>${t("Save")}</button>
          ${button({ key: "p", label: t("Publish"), run: () => this.publish(), hidden: !article || mine, disabled: this.busy })}
          ${button({ label: t("Take it away from customers"), stop: true, run: () => this.withdraw(), hidden: !article?.published_version || !session.may("lead") })}</div>
        ${article && mine ? html`<p class="soft xs">${t("You wrote this version: a second person publishes it.")}</p>` : nothing}</form></div>
      <aside class="stack"><section class="box in" aria-label=${t("How it will read")}><h2>${t("How it will read")}</h2>${this.preview ?? html`<p class="soft">${t("Write a sentence at least.")}</p>`}</section>
        ${article ? this.drawPast(article) : nothing}</aside></div>`;
  }

  drawPast(article) {
    return html`<section class="box in"><h2>${t("What readers thought")}</h2>${facts([t("It helped"), String(article.helpful)], [t("It did not"), String(article.not_helpful)], [t("Sent nothing after it"), String(article.answered)], [t("To look at again"), at(article.review_at)])}
        ${article.opinions.filter(({ why }) => why).map((each) => html`<p>${each.why}<span class="d">${parts("{at}, about version {version}", { at: at(each.given_at), version: each.version })}</span></p>`)}</section>
      <section class="box in"><h2>${t("Versions")}</h2>${article.versions.map((each) => html`<details><summary>${parts("Version {version}, {author}, {at}", { version: each.version, author: person(each.author), at: at(each.saved_at) })}${each.published_by ? `, ${t("published by {person}", { person: person(each.published_by) })}` : nothing}</summary><p><b>${each.title}</b></p><p>${each.summary}</p><pre>${each.body}</pre></details>`)}</section>`;
  }
}

customElements.define("desk-knowledge", Knowledge);
