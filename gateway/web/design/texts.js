// The sentences of scripts, in the language of the page: English names its translation, as in gettext.
//
//     t("Your order: {number}", { number })                       words alone
//     tn("{n} piece", "{n} pieces", n)                            as the language counts
//     tc("a button", "Open")                                      a word that means something else elsewhere
//     parts("We send it by {day}.", { day: time(at) })            with elements (or lit templates): a list to append
//
// English needs no catalogue. For another language the page names one (`#texts`); it is here before any module that
// imports this one runs, so a table of sentences may be a constant. What has no translation is English. Values are never
// read as HTML. A term of a promise is filled in by its name: "within {review}" needs no value. `make texts` collects.

const TERMS = JSON.parse(`{{all_terms}}`);
const ENGLISH = { texts: {}, terms: TERMS, plural: "" };
const IN_CONTEXT = "\u0004"; // as in the files of gettext
const ALL_FORMS = 200; // so many numbers have their form listed; above, the last two digits decide

/** The tag of the language of the page. */
export const language = document.documentElement.lang || "en";

const isOf = (tag) => tag?.split("-")[0] === language.split("-")[0];

/** How dates and amounts are written: the reader's own kind of that language, else English as in most of the world. */
export const locale = isOf(navigator.language) ? navigator.language : isOf("en") ? "en-GB" : language;

async function read(address) {
  if (!address) return ENGLISH;
  try {
    const answer = await fetch(address);
    return answer.ok ? await answer.json() : ENGLISH;
  } catch {
    return ENGLISH; // not reached: a page in English is better than none
  }
}

const said = await read(document.querySelector("#texts")?.href);

const NAMED = /\{(\w+)\}/;
const valueOf = (name, values) => (Object.hasOwn(values, name) ? values[name] ?? "" : said.terms[name] ?? `{${name}}`);
const filled = (text, values) => text.split(NAMED).map((part, index) => (index % 2 ? valueOf(part, values) : part));
const translated = (text) => (Object.hasOwn(said.texts, text) ? said.texts[text] : null); // a word may be "constructor"
const found = (text) => [translated(text) ?? text].flat()[0];

/** The sentence, with its values. */
export const t = (text, values = {}) => filled(found(text), values).join("");

/** A word that means several things, as it is meant here: tc("a button", "Open"), tc("a count", "Open"). */
export const tc = (context, text) => [translated(`${context}${IN_CONTEXT}${text}`) ?? text].flat()[0];

/** The sentence for `n` of something; `{n}` is one of its values. */
export function tn(one, many, n, values = {}) {
  const forms = translated(one), count = Math.abs(Math.trunc(Number(n)));
  const form = said.plural[count < ALL_FORMS ? count : ALL_FORMS / 2 + (count % (ALL_FORMS / 2))];
  return filled((Array.isArray(forms) && forms[form]) || (count === 1 ? one : many), { n, ...values }).join("");
}

/** The sentence as a list of strings and of its values, which may be elements, templates or lists of them. */
export const parts = (text, values = {}) => filled(found(text), values).flat(Infinity).filter((part) => part !== "");
