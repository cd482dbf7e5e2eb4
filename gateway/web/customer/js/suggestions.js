// While a customer writes: articles that may answer it already. They never stand in the way of sending.

import { call, newKey, store } from "./api.js";
import { el, fill } from "./dom.js";
import { t } from "/web/design/texts.js";

const PAUSE = 300; // milliseconds without a key
const LEAST = 3; // characters
const MOST = 100; // that the search takes: the newest ones

let visit = null;

/** Offer articles in `box` for what is written in the fields. */
export function suggests(box, ...fields) {
  let pausing = 0, asked = "";
  const look = async () => {
    const q = fields.map((field) => field.value.trim()).filter(Boolean).join(" ").slice(-MOST).trim();
    if (q === asked) return;
    asked = q;
    const found = q.length < LEAST ? [] : await call("GET", `/v1/knowledge?limit=3&q=${encodeURIComponent(q)}`).then(({ items }) => items, () => []);
    if (asked === q) show(box, found);
  };
  for (const field of fields) {
    field.addEventListener("input", () => {
      clearTimeout(pausing);
      pausing = setTimeout(look, PAUSE);
    });
  }
}

function show(box, articles) {
  if (!articles.length) return fill(box);
  fill(box, el("section", { class: "box", "aria-labelledby": "answers-title" },
    el("h2", { id: "answers-title" }, t("This may answer it already")),
    el("ul", { class: "links" }, ...articles.map((each) => el("li", {},
      el("h3", {}, el("a", { href: `/help/${each.slug}`, target: "_blank", rel: "noopener" }, each.title)),
      el("p", {}, each.summary),
      el("p", {}, el("button", { type: "button", class: "quiet", onclick: () => answered(box, each.slug) }, t("This answered it"))))))));
}

/** One key for a tab, so that who says so of several articles, or twice, counts once. */
function thisVisit() {
  visit ??= store("session")?.getItem("answered") ?? newKey();
  store("session")?.setItem("answered", visit);
  return visit;
}

/** Tell us that nothing has to be sent. What is written stays where it is. */
async function answered(box, slug) {
  await call("POST", `/v1/knowledge/${slug}/feedback`, { body: { helpful: true, place: "contact" }, key: thisVisit() }).catch(() => null); // a count is not worth a fault
  fill(box, el("p", { class: "box", tabindex: "-1" }, t("Good. Nothing was sent, and you can leave this page. If something is still open, go on writing.")));
  box.scrollIntoView({ block: "nearest" });
  box.querySelector("p").focus();
}
