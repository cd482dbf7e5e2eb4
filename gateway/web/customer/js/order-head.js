// The panel at the top of the order page: what happens next, and by when. One look must be enough.

import { dayIn, el, fill, find, icon, money, time } from "./dom.js";
import { GONE, dayOf, isPast } from "./order-facts.js";
import { STAGES } from "./words.js";
import { parts, t, tn } from "/web/design/texts.js";

/** A step when it is done, while it is being done, and its sign. */
const STEPS = [[t("Paid"), t("You pay"), "card"], [t("Checked"), t("We check"), "look"], [t("Packed"), t("We pack"), "bag"], [t("On its way"), t("On its way"), "truck"], [t("Delivered"), t("Delivered"), "home"]];
const REACHED = {
  awaiting_payment: 0, in_review: 1, contacting_you: 1, preparing: 2, not_arriving: 3, dispatched: 3, in_transit: 3, customs: 3,
  out_for_delivery: 3, delivered: 5, completed: 5,
};
/** Until when the bank may take to decide about a payment; null where it has none, or is late itself. */
export const atTheBank = ({ payment }) => (payment?.underway_until && new Date(payment.underway_until) > new Date() ? payment.underway_until : null);

const ON_ITS_WAY = ["dispatched", "in_transit", "customs", "out_for_delivery"];
export const ARRIVED = ["delivered", "completed"];
const LET_GO = ["withdrawn", "lapsed", "rejected_final"];
const SIGNS = { ask: ["risk", t("We need you")], bad: ["late", t("We are late, and sorry")] };

/** The zone of the place where the parcel is to arrive: the one in which the days of its promise are counted. */
export function zoneOf(order) {
  const promised = (order.commitments ?? []).find((promise) => promise.kind === "delivery");
  return promised?.zone || order.contact.time_zone || Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The newest promise of a kind that still runs, or stands still. */
const clock = (order, kind) => (order.commitments ?? []).filter((each) => each.kind === kind && ["running", "paused", "breached"].includes(each.status) && !each.stopped_at).at(-1);

export const openChanges = (order) => (order.changes ?? []).filter((each) => each.status === "awaiting_customer");
export const openRemedies = (order) => (order.remedies ?? []).filter((each) => each.status === "awaiting_customer");
export const isLate = (promise) => promise?.status !== "paused" && Boolean(promise) && new Date(promise.due_at) < new Date();

/** The last day of the time for returns, as a moment of that day in UTC; null before the last delivery. */
export function returnUntil(order) {
  const delivered = bringing(order).map((each) => each.delivered_at);
  return delivered.length && delivered.every(Boolean) ? lastDay(order, delivered) : null;
}

/** The shipments that bring what was bought; what comes in exchange is none of them. */
function bringing(order) {
  const inExchange = exchanges(order).map((each) => each.shipment_number);
  return (order.shipments ?? []).filter((each) => !each.closed_at && each.status !== "recalled" && !inExchange.includes(each.number));
}

/** Whether a part of the order has left, and another follows it; what is sent again is no such part. */
export function restFollows(order) {
  const again = (order.remedies ?? []).map((each) => each.replacement);
  const left = bringing(order).filter((each) => !again.includes(each.number)).map((each) => Boolean(each.dispatched_at));
  return left.includes(true) && left.includes(false);
}

/** Whether a part of what was bought is with the customer: what is in it may come back. */
export const someArrived = (order) => hasArrived(order) || bringing(order).some((each) => each.delivered_at);

/** Whether all that was bought is with the customer. The stage goes back while a piece is sent in exchange. */
export const hasArrived = (order) => ARRIVED.includes(order.stage) || returnUntil(order) !== null;

/** The last day for what came in exchange, which has its own time; null where nothing came or that is over. */
function exchangedUntil(order) {
  const came = exchanges(order).map((each) => each.delivered_at).filter(Boolean);
  const last = came.length ? lastDay(order, came) : null;
  return dayIsOver(last, order) ? null : last;
}

const exchanges = (order) => (order.returns ?? []).flatMap(({ units }) => units).map((unit) => unit.exchange).filter(Boolean);

function lastDay(order, moments) {
  const last = dayIn(moments.sort().at(-1), zoneOf(order));
  last.setUTCDate(last.getUTCDate() + order.return_policy.days);
  return last;
}

/** The lines of which pieces are in no return yet, with how many: `left`. */
export function returnable(order) {
  const asked = (order.returns ?? []).filter((item) => !LET_GO.includes(item.status)).flatMap((item) => item.units).filter((unit) => unit.outcome !== "exchanged");
  return order.lines
    .map((line) => ({ ...line, left: line.quantity - asked.filter((unit) => unit.line_id === line.line_id).length }))
    .filter((line) => line.left > 0);
}

/** The same lines with the pieces that are here: those of a part that is still to come may come back when it is here. */
export function returnableNow(order) {
  const lines = returnable(order);
  if (hasArrived(order)) return lines;
  const toCome = bringing(order).filter((each) => !each.delivered_at).flatMap((each) => each.lines ?? []);
  return lines
    .map((line) => ({ ...line, left: toCome.filter(({ line_id: id }) => id === line.line_id).reduce((left, { quantity }) => left - quantity, line.left) }))
    .filter((line) => line.left > 0);
}

/** Whether a day of `returnUntil` is over, where the order goes. */
export const dayIsOver = (until, order) => !until || until < dayIn(new Date().toISOString(), zoneOf(order));

const day = (promise, style = "long") => time(promise.due_at, { style, zone: promise.zone });
export const utcDay = (at) => time(at.toISOString(), { style: "long", zone: "UTC" });

/** How the matter stands: {tone, title, next, past}; title and next are lists of parts. `next` says what comes, and by when; with `past`, what came. */
export function standing(order) {
  const [change] = openChanges(order), [remedy] = openRemedies(order);
  if (change) return { tone: "ask", stage: t("We have a question about your order."), title: [t("We need your decision")], next: change.expires_at
    ? parts("please choose below by {moment}. Your order stays exactly as it is until you do.", { moment: time(change.expires_at) })
    : [t("please choose below. Your order stays exactly as it is until you do.")] };
  if (remedy) return { tone: "ask", title: [t("Your parcel does not arrive: what shall we do?")], next: [t("please choose below. We do exactly what you choose.")] };
  return (BY_STAGE[order.stage] ?? elsewhere)(order);
}

const elsewhere = (order) => ({ tone: "", title: [STAGES[order.stage] ?? t("Your order")], next: null });

const BY_STAGE = {
  awaiting_payment: (order) => (atTheBank(order) ? {
    tone: "rest",
    stage: t("The bank has your payment and has not decided yet."),
    title: [t("Your bank works on it")],
    next: parts("when the bank is done, this page shows it. You need not pay again, and we keep the goods for you at least until {moment}.", { moment: time(order.expires_at ?? atTheBank(order)) }),
  } : {
    tone: "ask",
    title: [t("Please pay {amount}", { amount: money(order.account?.missing ?? order.totals.total) })],
    next: [t("when your payment has arrived, we check your order within {review}."), ...(awaited(order).length ? [" ", ...parts("What is not in stock is expected by {day}.", { day: dayOf(agreedDay(order)) })] : [])],
  }),
  in_review: (order) => promised(order, "review", (day) => parts("We check your order by {day}", { day }), awaited(order).length ? waitsForGoods(order).next : [t("the parcel leaves us within {dispatch} after the check, and arrives {delivery} later.")]),
  contacting_you: () => ({ tone: "ask", title: [t("We have a question for you")], next: [t("please answer below. We go on when we hear from you.")] }),
  preparing: (order) => (awaited(order).length ? waitsForGoods(order) : clock(order, "dispatch")?.status === "paused" && order.payment?.disputed_at
    ? { tone: "rest", title: [t("Your parcel waits here")], next: [t("your bank asks us for this payment back. When that is decided, your parcel leaves us or the money is yours. If you did not ask your bank for it, tell your bank so.")] }
    : clock(order, "dispatch")?.status === "paused"
    ? { tone: "rest", title: [t("Your parcel waits here")], next: [t("it leaves us as soon as what it waits for is settled. We tell you when it does.")] }
    : restFollows(order) ? { stage: t("We are preparing the rest of your order."), ...promised(order, "dispatch", (day) => parts("The rest of your order leaves us by {day}", { day }), [t("the rest arrives {delivery} after it has left us."), " ", someArrived(order) ? t("A part is with you already: see below.") : t("A part is on its way already: see below.")]) }
    : promised(order, "dispatch", (day) => parts("Your parcel leaves us by {day}", { day }), [t("the carrier brings it to you, {delivery} after it has left us.")])),
  not_arriving: (order) => ({ tone: "rest", title: [t("A parcel does not arrive")], next: [order.remedies?.length ? t("what you chose stands below.") : t("within {remedy} we ask you what we shall do: send it again, pay it back, or wait.")] }),
  delivered: arrived,
  completed: arrived,
  cancelled: (order) => ({ tone: "rest", title: [t("Your order is cancelled")], past: isPaidBack(order), next: moneyBack(order) }),
  expired: (order) => ({ tone: "rest", title: [t("Your order was not paid in time")], past: isPaidBack(order), next: moneyBack(order) }),
};
for (const stage of ON_ITS_WAY) BY_STAGE[stage] = (order) => onItsWay(order, stage);

/** What the order waits for that is not in our warehouse yet. */
const awaited = ({ backorders = [] }) => backorders.filter(({ here_at: here }) => !here);

const agreedDay = (order) => awaited(order).map(({ until }) => until).sort().at(-1);

/** The goods are promised by the day that its customer agreed to; the day that was told last may be another, or unknown. */
function waitsForGoods(order) {
  const until = agreedDay(order), told = awaited(order).map((each) => each.told);
  const expected = told.every(Boolean) ? parts("Your goods are expected by {day}", { day: dayOf(told.sort().at(-1)) }) : [t("We do not know yet by when your goods come")];
  const next = [t("your order leaves us as a whole, within {dispatch} from when all of it is here. You may cancel it before that for all that you paid.")];
  if (!isPast(until, zoneOf(order))) return { tone: "rest", title: expected, next };
  return { tone: "bad", title: parts("Your goods are late: we had said {day}", { day: dayOf(until) }), next: [...expected, ". ", ...next] };
}

function promised(order, kind, title, next) {
  const promise = clock(order, kind);
  if (!promise) return { tone: "", title: [STAGES[order.stage]], next };
  return isLate(promise) ? { tone: "bad", title: parts("We had promised this by {day}", { day: day(promise) }), next } : { tone: "", title: title(day(promise)), next };
}

/** The parcels that wait for their customer at a counter, when no other is on its way; else none. */
function toFetch(order) {
  const open = (order.shipments ?? []).flatMap(({ parcels = [] }) => parcels).filter((each) => !each.delivered_at && !each.closed_at && !GONE.includes(each.status));
  return open.every(({ status }) => status === "available_for_pickup") ? open : [];
}

function fetchIt(order, parcels) {
  const [until] = parcels.map(({ facts }) => facts?.pick_up?.until).filter((each) => each && !isPast(each, zoneOf(order))).sort();
  const title = parcels.length > 1 ? t("Your parcels wait for you") : t("Your parcel waits for you");
  return { tone: "ask", stage: `${title}.`, title: [title], next: until
    ? parts("please fetch it by {day}; what the carrier says of the place stands below.", { day: dayOf(until) })
    : [t("please fetch it; what the carrier says of the place stands below.")] };
}

function onItsWay(order, stage) {
  const promise = clock(order, "delivery"), waiting = toFetch(order);
  if (waiting.length) return fetchIt(order, waiting);
  if (!promise) return elsewhere(order);
  const earliest = promise.earliest_at && new Date(promise.earliest_at) > new Date() ? [" ", ...parts("We expect it from {day} on.", { day: time(promise.earliest_at, { style: "day", zone: promise.zone }) })] : [];
  const next = stage === "out_for_delivery" ? [t("the carrier hands it over to you.")] : [t("the carrier brings it to you; each scan shows here."), ...earliest];
  if (isLate(promise)) return { tone: "bad", title: parts("Your parcel is late: promised by {day}", { day: day(promise) }), next: [t("we look after it, and write to you with news. If it does not come, we ask you what we shall do.")] };
  return { tone: "", title: parts("At your door by {day}", { day: day(promise) }), next };
}

function arrived(order) {
  const until = returnUntil(order), zone = zoneOf(order);
  const delivered = (order.shipments ?? []).map((each) => each.delivered_at).filter(Boolean).sort().at(-1);
  const title = delivered ? parts("Delivered on {day}", { day: time(delivered, { style: "long", zone }) }) : [t("Your order is complete")];
  const back = returnsUnderWay(order).sort((one, other) => (other.tone === "ask") - (one.tone === "ask"))[0];
  if (back) return back;
  const paid = (order.refunds ?? []).flatMap((refund) => [...whereItIs(refund, clock(order, "refund")?.zone), " "]);
  const renewed = exchangedUntil(order), more = renewed ? [" ", ...parts("What came in exchange can come back until {day}.", { day: utcDay(renewed) })] : [];
  if (!until || dayIsOver(until, order)) return { tone: "", title, past: true, next: until ? [...paid, ...parts("The time for returns ended on {day}.", { day: utcDay(until) }), ...more] : paid.length ? paid : null };
  if (paid.length && !returnable(order).length) return { tone: "", title, past: true, next: [...paid, ...more] };
  const rest = paid.length ? parts("You can return the rest, free of charge, until {day}.", { day: utcDay(until) }) : parts("you can return everything, free of charge, until {day}.", { day: utcDay(until) });
  return { tone: "", title, past: paid.length > 0, next: [...paid, ...rest, ...more] };
}

/** What comes next in each return that is under way. */
const returnsUnderWay = (order) => (order.returns ?? []).flatMap((item) => {
  const found = ofReturn(item);
  return found ? [{ ...found, stage: t("Return {number}", { number: item.number }) }] : [];
});

/** Whether a return waits for its customer. */
export const returnAsks = (order) => returnsUnderWay(order).some((each) => each.tone === "ask");

/** What we do next in a return: with no day, by a day, and when that is over. */
const WE_DECIDE = {
  simply: t("we decide, and write to you."), late: t("we decide, and write to you."),
  until: (day) => parts("we decide, and write to you, by {day}.", { day }),
};
const WE_CHECK = {
  simply: t("we check it, and write to you."), late: t("we check it, and write to you."),
  until: (day) => parts("we check it, and write to you, by {day}.", { day }),
};
const MONEY_BACK = {
  simply: t("your money goes back to you."), late: t("your money goes back to you."),
  until: (day) => parts("your money goes back to you by {day}.", { day }),
};

/** What comes next in a return, or null where nothing does. */
function ofReturn(item) {
  const running = (kind) => item.commitments.find((each) => each.kind === kind && !each.stopped_at && each.status !== "recalled");
  const by = (kind, { simply, until, late }) => {
    const promise = running(kind);
    if (!promise) return [simply];
    return isLate(promise) ? [late, " ", ...parts("We had promised it by {day}; we are late, and sorry.", { day: day(promise) })] : until(day(promise));
  };
  const objects = item.rejection && !item.rejection.final && !item.appeal && item.appeal_by && new Date(item.appeal_by) > new Date();
  switch (item.status) {
    case "needs_info":
      return { tone: "ask", title: [t("We have a question about your return")], next: [t("please answer below. We go on when we have your answer.")] };
    case "requested":
    case "appealed":
      return { tone: "", title: [t("We look at your return")], next: by("return_review", WE_DECIDE) };
    case "authorized":
      return { tone: "ask", title: [t("Please send the goods back")], next: item.send_by ? parts("your return is accepted. Please send it by {day}; where to stands below.", { day: time(item.send_by, { style: "long" }) }) : [t("your return is accepted; where to send it stands below.")] };
    case "rejected":
      return objects ? { tone: "ask", title: [t("We cannot accept your return")], next: parts("if you see it otherwise, object below until {moment}. Somebody else then decides.", { moment: time(item.appeal_by) }) } : null;
    case "in_transit":
      return { tone: "", title: [t("Your return is on its way to us")], next: [t("we check it within {verification} of its arrival, and write to you.")] };
    case "received":
      return { tone: "", title: [t("Your return has arrived")], next: by("verification", WE_CHECK) };
    case "inspected":
    case "refund_due":
      return { tone: "", title: [t("Your return is checked")], next: running("refund") ? by("refund", MONEY_BACK) : [t("what we found stands below.")] };
    case "exchange_due":
      return { tone: "", title: [t("Your return is checked")], next: [t("the same again is on its way to you; you see its parcel here.")] };
    default:
      return null;
  }
}

/** Whether all that goes back has gone, so that nothing is to come. */
const isPaidBack = (order) => Boolean(order.refunds?.length) && order.refunds.every((refund) => refund.settled_at);

/** What of the money of an order that ended is where; each sentence stands on its refunds and its account. */
function moneyBack(order) {
  const paid = order.account?.captured.amount ?? "0.00";
  if (paid === "0.00") return [t("you need do nothing; nothing was charged.")];
  if (!order.refunds?.length) return [t("a colleague looks into the {amount} that you paid.", { amount: money(order.account.captured) })];
  return order.refunds.flatMap((refund) => [...whereItIs(refund, clock(order, "refund")?.zone), " "]);
}

/** "16.00 USD go back to you by Friday 11 December.": where a refund is, and by when it is paid. */
export function whereItIs(refund, zone) {
  const amount = money(refund.amount), style = "long";
  if (refund.settled_at) return parts("{amount} were paid back on {day}.", { amount, day: time(refund.settled_at, { style }) });
  if (new Date(refund.due_at) < new Date()) return parts("{amount} were promised back by {day}; we are late, sorry, and look after it.", { amount, day: time(refund.due_at, { style, zone }) });
  return parts("{amount} go back to your original means of payment by {day}.", { amount, day: time(refund.due_at, { style, zone }) });
}

export function showHead(order) {
  const { tone, title, next, past = false, stage = STAGES[order.stage] ?? order.stage } = standing(order);
  const head = find("#head");
  head.className = `hero ${tone}`.trim();
  fill(find("#number"), ...parts("Order {number}", { number: el("span", { class: "number-of" }, order.number) }));
  const pieces = order.lines.reduce((sum, line) => sum + line.quantity, 0);
  find("#whose").textContent = tn("{n} piece for {name}", "{n} pieces for {name}", pieces, { name: order.delivery.name });
  const [sign, word] = SIGNS[tone] ?? [];
  find("#flag").hidden = !sign;
  if (sign) fill(find("#flag"), icon(sign), word);
  fill(find("#title"), ...title);
  find("#stage").classList.toggle("unseen", `${find("#title").textContent}.` === stage); // to be heard, not read twice
  if (find("#stage").textContent !== stage) find("#stage").textContent = stage; // said aloud only when it changes
  find("#next").hidden = !next;
  if (next) fill(find("#next"), icon("clock"), el("span", {}, past ? null : el("b", {}, t("Next:"), " "), ...next));
  showProgress(find("#progress"), order);
}

/** How far the order is, as a list of steps; nothing for one that was cancelled or expired. */
function showProgress(section, order) {
  const reached = REACHED[order.stage];
  section.hidden = reached === undefined;
  fill(section, reached !== undefined ? el("ol", { class: "steps", "aria-label": t("How far it is") }, ...STEPS.map(([done, doing, sign], index) => el("li", {
    class: index < reached ? "done" : index === reached ? "now" : null,
    "aria-current": index === reached ? "step" : null,
  }, el("span", { class: "dot" }, icon(index < reached ? "check" : sign)),
    el("span", {}, index === reached ? doing : done, el("span", { class: "unseen" }, index < reached ? t(", done") : index === reached ? t(", now") : t(", still to come")))))) : null);
}
