// What has changed of a thing since its reader looked at it, in words: shown when a step is refused because of that.

import { t } from "/web/design/texts.js";
import { capital, moment, money, person, words } from "./words.js";

const MOST = 6;
const UNSAID = /^(version|.*_url|.*_id|key|href|action|units)$/;
const MOMENT = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/;

const isThing = (value) => value !== null && typeof value === "object" && !Array.isArray(value);

/** What names a thing, however it is read. */
export const identity = (thing) => thing.number ?? thing.id ?? thing.payment_id ?? thing.sku ?? thing.email ?? thing.code ?? thing.name;

function shown(value) {
  if (value === null || value === "") return t("none");
  if (typeof value === "boolean") return value ? t("yes") : t("no");
  if (isThing(value)) return "currency" in value ? money(value) : t("there");
  if (MOMENT.test(value)) return moment(value);
  return /\s/.test(value) ? value : words(person(value)); // a code has no spaces: this is what somebody wrote
}

/** What is different between things as they were seen, and as they are now: ["Status: open, now resolved", "Messages: 1 more"]. */
export function changesOf(seen, now) {
  const pairs = seen.map((thing) => [thing, now.find((each) => identity(each) === identity(thing))]).filter(([, each]) => each);
  return [...new Set(pairs.flatMap(([before, after]) => differences(before, after)))].slice(0, MOST);
}

/** What both tell, and differently. */
function differences(before, now, of = "") {
  const names = Object.keys(now).filter((name) => name in before && !UNSAID.test(name));
  return names.flatMap((name) => {
    const [was, is] = [before[name], now[name]], title = capital(`${of}${words(name)}`);
    if (Array.isArray(was) && Array.isArray(is)) {
      const more = is.length - was.length;
      if (more) return [more > 0 ? t("{title}: {more} more", { title, more }) : t("{title}: {fewer} fewer", { title, fewer: -more })];
      return is.flatMap((each, at) => (isThing(each) && isThing(was[at]) ? differences(was[at], each, `${of}${words(name)} `) : []));
    }
    if (isThing(was) && isThing(is) && !("currency" in is)) return differences(was, is, `${of}${words(name)} `);
    return JSON.stringify(was) === JSON.stringify(is) ? [] : [t("{title}: {was}, now {is}", { title, was: shown(was), is: shown(is) })];
  });
}
