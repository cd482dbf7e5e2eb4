// What others wrote while an answer was being written: it is read before the answer goes out, so that two never answer.
//
//   begun.from(ticket)       an answer is begun; what is there now has been seen
//   begun.seen(ticket)       the version to send along: that of the beginning, where others have written since
//   begun.end(number)        it is sent, or refused: the next one begins anew
//   arrivedIn(problem)       the words of a refusal about what arrived

import { t } from "/web/design/texts.js";
import { session } from "./session.js";
import { person } from "./words.js";

const LONG = 300; // characters of a message that are shown where it is only told of

/** The page reads by itself what others write; its reader may look at their own words alone. */
class Begun {
  #answers = new Map();

  from({ number, version, messages }) {
    if (!this.#answers.has(number)) this.#answers.set(number, { version, last: Math.max(0, ...messages.map(({ position }) => position)) });
  }

  seen({ number, version, messages }) {
    const begun = this.#answers.get(number);
    const news = begun && messages.some(({ position, author, actor }) => position > begun.last && author !== "system" && person(actor) !== session.email);
    return news ? begun.version : version;
  }

  end(number) {
    this.#answers.delete(number);
  }
}

export const begun = new Begun();

/** What arrived, as a refusal tells it: ["lead@…: “…”"]. */
export function arrivedIn(problem) {
  const arrived = problem?.code === "version_moved" ? problem.messages ?? [] : [];
  return arrived.map(({ author, actor, body, internal }) => {
    const who = author === "customer" ? t("The customer") : author === "system" ? t("Automatic") : person(actor);
    return `${who}${internal ? t(", for staff") : ""}: “${body.length > LONG ? `${body.slice(0, LONG)}…` : body}”`;
  });
}
