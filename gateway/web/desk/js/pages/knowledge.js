// Knowledge: the articles that customers read. One person writes a text, another one publishes it.
//
//   /desk/knowledge                       all articles: what waits to be published first, then what is to be looked at again
//   /desk/knowledge/<slug>                one of them: its text, how it will read, its versions, what readers thought
//   /desk/knowledge/new?ticket=TIC-…      a new one; with a ticket, the proposal out of that conversation

import { RowsPage, go, keyOf } from "../page.js";
import { at, button, facts, html, nothing, repeat, tag } from "../parts.js";
import { get, list, send, session } from "../session.js";
import { capital, count, person, words } from "../words.js";

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
    if (!this.slug) return [...super.keys(), { key: "n", label: "new article", run: () => go(`/desk/knowledge/${NEW}`) }];
    const text = this.article?.versions[0];
    return [
      { key: "e", label: "edit", run: () => this.focusOn("#article-body") },
      { key: "p", label: "publish", run: () => this.publish(), hidden: !text || text.author === session.email },
      { key: "l", label: "all articles", run: () => go("/desk/knowledge") },
    ];
  }

  async save(event) {
    event.preventDefault();
    const { slug: named, sku, ...given } = Object.fromEntries(new FormData(event.target));
    const slug = this.article?.slug ?? named.trim();
    const wish = { ...given, ...(sku.trim() ? { sku: sku.trim() } : {}) };
    if (!this.article && (slug === NEW || (await this.isTaken(slug)))) {
      this.problem = { detail: "This address is taken. Please choose another one." };
      return;
    }
    const version = this.from ?? this.article?.version ?? null;
    this.from = null; // a refusal tells what changed; what is sent then is meant
    if (!(await this.act(() => send("PUT", `/v1/knowledge/${encodeURIComponent(slug)}`, wish, { version }), "It is saved. A second person publishes it."))) return;
    if (this.slug === NEW) go(`/desk/knowledge/${slug}`);
  }

  isTaken(slug) {
    return get(`/v1/knowledge/${encodeURIComponent(slug)}/versions`).then(() => true, ({ status }) => status !== 404);
  }

  publish() {
    const { slug, version } = this.article;
    return this.act(() => send("POST", `/v1/knowledge/${slug}/publication`, {}, { version }), "Customers read this version now.");
  }

  withdraw() {
    return this.act(() => send("DELETE", `/v1/knowledge/${this.article.slug}/publication`), "Customers do not see it any more.");
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
    return html`<div class="head"><h1>Knowledge <small>${count(answered, "reader")} found the answer beside the contact form and sent nothing</small></h1>${button({ key: "n", label: "New article", run: () => go(`/desk/knowledge/${NEW}`) })}</div>
      <form class="box in" @submit=${this.fromTicket}><div class="field"><label for="from-ticket">Begin with a solved ticket: its number</label><input id="from-ticket" name="ticket" required maxlength="60" autocomplete="off"></div><div class="acts"><button class="btn">Propose a text</button></div></form>
      ${this.rows.length === 0 ? html`<div class="box empty"><h2>No article was written yet.</h2></div>` : html`<div class="box scroll" tabindex="0"><table class="rows"><caption class="vh">Articles, what waits to be published first</caption><thead><tr><th scope="col">Article</th><th scope="col">State</th><th scope="col">Topic</th><th scope="col" class="r">It helped</th><th scope="col" class="r">Sent nothing</th></tr></thead>
        ${repeat(this.rows, keyOf, ({ each, href }, place) => html`<tbody><tr class=${place === this.here ? "here" : ""} @focusin=${() => (this.here = place)}><td><a class="t" href=${href}>${each.title}</a><span class="d">${each.summary}</span></td>
          <td>${this.drawState(each.desk)}</td><td>${capital(words(each.topic))}</td><td class="r">${each.desk.helpful} of ${each.desk.helpful + each.desk.not_helpful}</td><td class="r">${each.desk.answered}</td></tr></tbody>`)}</table></div>`}${this.drawMore(this.more)}`;
  }

  drawState(desk) {
    if (desk.published_version === null) return tag("not published", "risk");
    if (waits(desk)) return tag(`version ${desk.version} waits`, "risk");
    return isDue(desk) ? tag("look at it again", "late") : tag("published", "kept");
  }

  drawOne() {
    const { article, proposal } = this;
    if (!article && !proposal) return html`<div class="head"><h1>Knowledge</h1></div>`;
    const text = article?.versions[0] ?? { title: proposal.title, summary: "", body: proposal.body, topic: "order_rules", language: "en", sku: null };
    const mine = text.author === session.email;
    return html`<div class="head"><h1>${article ? article.slug : "New article"} <small>${article ? this.drawState(article) : nothing}</small></h1><a class="btn" href="/desk/knowledge">All articles</a></div>
      ${proposal?.number ? html`<p class="note">Out of ${proposal.number}, with ${count(proposal.left_out, "place")} left out that named a person. Read it with care: a machine does not see every name.</p>` : nothing}
      <div class="two"><div class="stack"><form class="box in stack" @submit=${this.save} @input=${() => (this.from ??= this.article?.version)}>
        ${article ? nothing : html`<div class="field"><label for="article-slug">Address: small letters, digits and hyphens</label><input id="article-slug" name="slug" required maxlength="63" pattern="[a-z0-9](-?[a-z0-9]){0,31}" autocomplete="off"></div>`}
        <div class="field"><label for="article-title">Question, as a customer asks it</label><input id="article-title" name="title" required minlength="5" maxlength="200" .defaultValue=${text.title}></div>
        <div class="field"><label for="article-summary">The answer in one sentence</label><input id="article-summary" name="summary" required minlength="5" maxlength="400" .defaultValue=${text.summary}></div>
        <div class="field"><label for="article-topic">Topic</label><select id="article-topic" name="topic">${TOPICS.map((topic) => html`<option value=${topic} ?selected=${topic === text.topic}>${capital(words(topic))}</option>`)}</select></div>
        <div class="field"><label for="article-language">Language, by its tag</label><input id="article-language" name="language" required maxlength="35" .defaultValue=${text.language}></div>
        <div class="field"><label for="article-sku">Article number of the product, if it is about one</label><input id="article-sku" name="sku" maxlength="64" autocomplete="off" .defaultValue=${text.sku ?? ""}></div>
        <div class="field"><label for="article-body">Text, in Markdown. Write promised times by name in double braces: return_days, refund, dispatch, delivery</label><textarea id="article-body" name="body" rows="16" required minlength="20" maxlength="20000" .defaultValue=${text.body} @input=${this.typed}></textarea></div>
        <div class="acts"><button class="btn go" ?disabled=${this.busy}>Save</button>
          ${button({ key: "p", label: "Publish", run: () => this.publish(), hidden: !article || mine, disabled: this.busy })}
          ${button({ label: "Take it away from customers", stop: true, run: () => this.withdraw(), hidden: !article?.published_version || !session.may("lead") })}</div>
        ${article && mine ? html`<p class="soft xs">You wrote this version: a second person publishes it.</p>` : nothing}</form></div>
      <aside class="stack"><section class="box in" aria-label="How it will read"><h2>How it will read</h2>${this.preview ?? html`<p class="soft">Write a sentence at least.</p>`}</section>
        ${article ? this.drawPast(article) : nothing}</aside></div>`;
  }

  drawPast(article) {
    return html`<section class="box in"><h2>What readers thought</h2>${facts(["It helped", String(article.helpful)], ["It did not", String(article.not_helpful)], ["Sent nothing after it", String(article.answered)], ["To look at again", at(article.review_at)])}
        ${article.opinions.filter(({ why }) => why).map((each) => html`<p>${each.why}<span class="d">${at(each.given_at)}, about version ${each.version}</span></p>`)}</section>
      <section class="box in"><h2>Versions</h2>${article.versions.map((each) => html`<details><summary>Version ${each.version}, ${person(each.author)}, ${at(each.saved_at)}${each.published_by ? html`, published by ${person(each.published_by)}` : nothing}</summary><p><b>${each.title}</b></p><p>${each.summary}</p><pre>${each.body}</pre></details>`)}</section>`;
  }
}

customElements.define("desk-knowledge", Knowledge);
