// A complaint on the page of its conversation: its steps with their dates, what was found and decided, how to object.

import { call } from "./api.js";
import { el, field, fill, find, icon, money, time } from "./dom.js";
import { missing, submits, summary } from "./forms.js";
import { parts, t } from "/web/design/texts.js";

const DECISIONS = { upheld: t("You were right"), partly: t("You were right in part"), not_upheld: t("We do not uphold it") };
const REMEDIES = { apology: t("We are sorry, and apologize."), refund: t("You get money back."), resend: t("On the page of your order you choose what we do about the parcel."), other: t("What we do about it") };
const PAID = { due: t("on its way"), settled: t("paid back"), failed: t("the bank did not pay it yet; we go on until it has") };

const done = (at) => Boolean(at);

/** The steps: [what, whether it is done, the date or what stands for it]. */
function stepsOf({ status, received_at: received, acknowledged_at: acknowledged, acknowledge_by: takenUpBy, told_at: told, decide_by: by, decision, earlier, objected_at: objected }) {
  const looked = decision ?? (["investigating", "objected"].includes(status) || earlier);
  return [
    [t("We received it"), true, time(received)],
    [acknowledged ? t("A person took it up") : t("A person takes it up"), done(acknowledged), acknowledged ? time(acknowledged) : takenUpBy && el("span", {}, ...parts("by {moment}", { moment: time(takenUpBy) }))],
    [t("We look into it"), Boolean(looked), told ? el("span", {}, ...parts("last news {moment}", { moment: time(told) })) : null],
    ...(earlier ? [[t("We decided"), true, time(earlier.decided_at)], [t("You objected"), true, time(objected)]] : []),
    [earlier ? t("Other people decide") : t("We decide"), Boolean(decision), decision ? time(decision.decided_at) : by && el("span", {}, ...parts("by {moment}", { moment: time(by) }))],
  ];
}

/** A step; of those to come, the first is next. */
const step = ([what, isDone, when], place, steps) => el("li", {}, icon(isDone ? "check" : "clock"),
  el("span", {}, el("b", {}, isDone ? what : steps.findIndex((each) => !each[1]) === place ? t("Next: {what}", { what }) : t("Then: {what}", { what })), " ", when));

function decided(decision, title) {
  const { refund, next_body: body } = decision;
  return el("section", {}, el("h3", {}, title, ": ", DECISIONS[decision.decision]), el("p", {}, decision.reasons),
    decision.remedy ? el("p", {}, REMEDIES[decision.remedy]) : null, decision.remedy_note ? el("p", {}, decision.remedy_note) : null,
    refund ? el("p", { class: "refund" }, ...(refund.settled_at ? parts("{amount}: {state}, {moment}.", { amount: money(refund.amount), state: PAID[refund.state], moment: time(refund.settled_at) })
      : parts("{amount}: {state}; it is there by {moment}.", { amount: money(refund.amount), state: PAID[refund.state], moment: time(refund.due_at) }))) : null,
    body ? el("p", {}, ...parts("You can also turn to {body}.", { body: el("a", { href: body.url, rel: "noopener" }, body.name) })) : null);
}

/** Show the complaint, if the conversation is one. `context`: {path, token, number, staff, load, tell}. */
export function showComplaint(complaint, place, context) {
  const { told_at: news, ...rest } = complaint ?? {};
  const shown = JSON.stringify([news, { ...rest, version: 0 }]);
  if (place.dataset.shown === shown) return; // do not take away what is being typed
  place.dataset.shown = shown;
  if (!complaint) return fill(place);
  const { decision, earlier } = complaint;
  fill(place, el("section", { class: "card", "aria-labelledby": "complaint-title" }, el("h2", { id: "complaint-title" }, t("Your complaint")),
    el("ol", { class: "passed", "aria-label": t("Steps") }, ...stepsOf(complaint).map(step)),
    complaint.told && !decision ? el("section", {}, el("h3", {}, t("What we have told you last")), el("p", {}, complaint.told)) : null,
    earlier ? decided(earlier, t("Our first decision")) : null,
    decision ? decided(decision, t("Our decision")) : null,
    complaint.may_object && !context.staff ? objection(context) : null));
}

function objection({ path, token, number, load, tell }) {
  const form = el("form", { id: "objection" }, summary(), el("h3", {}, t("You see it otherwise?")),
    el("p", {}, t("You can object once. Then other people of our team decide.")),
    field(el("textarea", { id: "objects", maxlength: "10000", required: true }), t("What did we not see?")),
    el("div", { class: "buttons" }, el("button", { class: "second" }, t("Object to the decision"))));
  submits(form, {
    draft: `objection-${number}`,
    check: () => missing(form, "objects"),
    send: (key) => call("POST", `${path}/complaint/objection`, { token: token(), key, body: { message: find("#objects", form).value.trim() } }),
    place: () => "objects",
    done: async () => {
      await load();
      tell(t("You have objected. Other people of our team look at it now, and we write to you."));
    },
  });
  return form;
}
