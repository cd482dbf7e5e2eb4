// The panel at the top of the order page: what happens next, and by when. One look must be enough.

import { dayIn, el, fill, find, icon, money, time } from "./dom.js";
import { GONE, dayOf, isPast } from "./order-facts.js";
import { STAGES } from "./words.js";

/** A step when it is done, while it is being done, and its sign. */
const STEPS = [["Paid", "You pay", "card"], ["Checked", "We check", "look"], ["Packed", "We pack", "bag"], ["On its way", "On its way", "truck"], ["Delivered", "Delivered", "home"]];
const REACHED = {
  awaiting_payment: 0, in_review: 1, contacting_you: 1, preparing: 2, not_arriving: 3, dispatched: 3, in_transit: 3, customs: 3,
  out_for_delivery: 3, delivered: 5, completed: 5,
};
/** Until when the bank may take to decide about a payment; null where it has none, or is late itself. */
export const atTheBank = ({ payment }) => (payment?.underway_until && new Date(payment.underway_until) > new Date() ? payment.underway_until : null);

const ON_ITS_WAY = ["dispatched", "in_transit", "customs", "out_for_delivery"];
export const ARRIVED = ["delivered", "completed"];
const SIGNS = { ask: ["risk", "We need you"], bad: ["late", "We are late, and sorry"] };

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
  const delivered = (order.shipments ?? []).filter((each) => !each.closed_at).map((each) => each.delivered_at);
  if (!delivered.length || delivered.some((each) => !each)) return null;
  const last = dayIn(delivered.sort().at(-1), zoneOf(order));
  last.setUTCDate(last.getUTCDate() + order.return_policy.days);
  return last;
}

/** Whether a day of `returnUntil` is over, where the order goes. */
export const dayIsOver = (until, order) => !until || until < dayIn(new Date().toISOString(), zoneOf(order));

const day = (promise, style = "long") => time(promise.due_at, { style, zone: promise.zone });
export const utcDay = (at) => time(at.toISOString(), { style: "long", zone: "UTC" });

/** How the matter stands: {tone, title, next, past}; title and next are lists of parts. `next` says what comes, and by when; with `past`, what came. */
export function standing(order) {
  const [change] = openChanges(order), [remedy] = openRemedies(order);
  if (change) return { tone: "ask", stage: "We have a question about your order.", title: ["We need your decision"], next: ["please choose below", change.expires_at ? [" by ", time(change.expires_at)] : "", ". Your order stays exactly as it is until you do."].flat() };
  if (remedy) return { tone: "ask", title: ["Your parcel does not arrive: what shall we do?"], next: ["please choose below. We do exactly what you choose."] };
  return (BY_STAGE[order.stage] ?? elsewhere)(order);
}

const elsewhere = (order) => ({ tone: "", title: [STAGES[order.stage] ?? "Your order"], next: null });

const BY_STAGE = {
  awaiting_payment: (order) => (atTheBank(order) ? {
    tone: "rest",
    stage: "The bank has your payment and has not decided yet.",
    title: ["Your bank works on it"],
    next: ["when the bank is done, this page shows it. You need not pay again, and we keep the goods for you at least until ", time(order.expires_at ?? atTheBank(order)), "."],
  } : {
    tone: "ask",
    title: ["Please pay ", money(order.account?.missing ?? order.totals.total)],
    next: ["when your payment has arrived, we check your order within {{review}}."],
  }),
  in_review: (order) => promised(order, "review", ["We check your order by "], ["the parcel leaves us within {{dispatch}} after the check, and arrives {{delivery}} later."]),
  contacting_you: () => ({ tone: "ask", title: ["We have a question for you"], next: ["please answer below. We go on when we hear from you."] }),
  preparing: (order) => (clock(order, "dispatch")?.status === "paused" && order.payment?.disputed_at
    ? { tone: "rest", title: ["Your parcel waits here"], next: ["your bank asks us for this payment back. When that is decided, your parcel leaves us or the money is yours. If you did not ask your bank for it, tell your bank so."] }
    : clock(order, "dispatch")?.status === "paused"
    ? { tone: "rest", title: ["Your parcel waits here"], next: ["it leaves us as soon as what it waits for is settled. We tell you when it does."] }
    : promised(order, "dispatch", ["Your parcel leaves us by "], ["the carrier brings it to you, {{delivery}} after it has left us."])),
  not_arriving: (order) => ({ tone: "rest", title: ["A parcel does not arrive"], next: [order.remedies?.length ? "what you chose stands below." : "within {{remedy}} we ask you what we shall do: send it again, pay it back, or wait."] }),
  delivered: arrived,
  completed: arrived,
  cancelled: (order) => ({ tone: "rest", title: ["Your order is cancelled"], past: isPaidBack(order), next: moneyBack(order) }),
  expired: (order) => ({ tone: "rest", title: ["Your order was not paid in time"], past: isPaidBack(order), next: moneyBack(order) }),
};
for (const stage of ON_ITS_WAY) BY_STAGE[stage] = (order) => onItsWay(order, stage);

function promised(order, kind, title, next) {
  const promise = clock(order, kind);
  if (!promise) return { tone: "", title: [STAGES[order.stage]], next };
  return isLate(promise) ? { tone: "bad", title: ["We had promised this by ", day(promise)], next } : { tone: "", title: [...title, day(promise)], next };
}

/** The parcels that wait for their customer at a counter, when no other is on its way; else none. */
function toFetch(order) {
  const open = (order.shipments ?? []).flatMap(({ parcels = [] }) => parcels).filter((each) => !each.delivered_at && !each.closed_at && !GONE.includes(each.status));
  return open.every(({ status }) => status === "available_for_pickup") ? open : [];
}

function fetchIt(order, parcels) {
  const [until] = parcels.map(({ facts }) => facts?.pick_up?.until).filter((each) => each && !isPast(each, zoneOf(order))).sort();
  const title = parcels.length > 1 ? "Your parcels wait for you" : "Your parcel waits for you";
  return { tone: "ask", stage: `${title}.`, title: [title], next: ["please fetch it", ...(until ? [" by ", dayOf(until)] : []), "; what the carrier says of the place stands below."] };
}

function onItsWay(order, stage) {
  const promise = clock(order, "delivery"), waiting = toFetch(order);
  if (waiting.length) return fetchIt(order, waiting);
  if (!promise) return elsewhere(order);
  const earliest = promise.earliest_at && new Date(promise.earliest_at) > new Date() ? [" We expect it from ", time(promise.earliest_at, { style: "day", zone: promise.zone }), " on."] : [];
  const next = stage === "out_for_delivery" ? ["the carrier hands it over to you."] : ["the carrier brings it to you; each scan shows here.", ...earliest];
  if (isLate(promise)) return { tone: "bad", title: ["Your parcel is late: promised by ", day(promise)], next: ["we look after it, and write to you with news. If it does not come, we ask you what we shall do."] };
  return { tone: "", title: ["At your door by ", day(promise)], next };
}

function arrived(order) {
  const until = returnUntil(order), zone = zoneOf(order);
  const delivered = (order.shipments ?? []).map((each) => each.delivered_at).filter(Boolean).sort().at(-1);
  const title = delivered ? ["Delivered on ", time(delivered, { style: "long", zone })] : ["Your order is complete"];
  const back = returnsUnderWay(order).sort((one, other) => (other.tone === "ask") - (one.tone === "ask"))[0];
  if (back) return back;
  const paid = (order.refunds ?? []).flatMap((refund) => [...whereItIs(refund, clock(order, "refund")?.zone), " "]);
  if (!until || dayIsOver(until, order)) return { tone: "", title, past: true, next: until ? [...paid, "The time for returns ended on ", utcDay(until), "."] : paid.length ? paid : null };
  const what = paid.length ? "You can return the rest" : "you can return everything";
  return { tone: "", title, past: paid.length > 0, next: [...paid, `${what}, free of charge, until `, utcDay(until), "."] };
}

/** What comes next in each return that is under way. */
const returnsUnderWay = (order) => (order.returns ?? []).flatMap((item) => {
  const found = ofReturn(item);
  return found ? [{ ...found, stage: `Return ${item.number}` }] : [];
});

/** Whether a return waits for its customer. */
export const returnAsks = (order) => returnsUnderWay(order).some((each) => each.tone === "ask");

/** What comes next in a return, or null where nothing does. */
function ofReturn(item) {
  const running = (kind) => item.commitments.find((each) => each.kind === kind && !each.stopped_at && each.status !== "recalled");
  const by = (kind, said) => {
    const promise = running(kind);
    if (!promise) return [`${said}.`];
    return isLate(promise) ? [`${said}. We had promised it by `, day(promise), "; we are late, and sorry."] : [`${said} by `, day(promise), "."];
  };
  const objects = item.rejection && !item.rejection.final && !item.appeal && item.appeal_by && new Date(item.appeal_by) > new Date();
  switch (item.status) {
    case "needs_info":
      return { tone: "ask", title: ["We have a question about your return"], next: ["please answer below. We go on when we have your answer."] };
    case "requested":
    case "appealed":
      return { tone: "", title: ["We look at your return"], next: by("return_review", "we decide, and write to you,") };
    case "authorized":
      return { tone: "ask", title: ["Please send the goods back"], next: item.send_by ? ["your return is accepted. Please send it by ", time(item.send_by, { style: "long" }), "; where to stands below."] : ["your return is accepted; where to send it stands below."] };
    case "rejected":
      return objects ? { tone: "ask", title: ["We cannot accept your return"], next: ["if you see it otherwise, object below until ", time(item.appeal_by), ". Somebody else then decides."] } : null;
    case "in_transit":
      return { tone: "", title: ["Your return is on its way to us"], next: ["we check it within {{verification}} of its arrival, and write to you."] };
    case "received":
      return { tone: "", title: ["Your return has arrived"], next: by("verification", "we check it, and write to you,") };
    case "inspected":
    case "refund_due":
      return { tone: "", title: ["Your return is checked"], next: running("refund") ? by("refund", "your money goes back to you") : ["what we found stands below."] };
    default:
      return null;
  }
}

/** Whether all that goes back has gone, so that nothing is to come. */
const isPaidBack = (order) => Boolean(order.refunds?.length) && order.refunds.every((refund) => refund.settled_at);

/** What of the money of an order that ended is where; each sentence stands on its refunds and its account. */
function moneyBack(order) {
  const paid = order.account?.captured.amount ?? "0.00";
  if (paid === "0.00") return ["you need do nothing; nothing was charged."];
  if (!order.refunds?.length) return [`a colleague looks into the ${paid} USD that you paid.`];
  return order.refunds.flatMap((refund) => [...whereItIs(refund, clock(order, "refund")?.zone), " "]);
}

/** "16.00 USD go back to you by Friday 11 December.": where a refund is, and by when it is paid. */
export function whereItIs(refund, zone) {
  const amount = money(refund.amount), style = "long";
  if (refund.settled_at) return [`${amount} were paid back on `, time(refund.settled_at, { style }), "."];
  if (new Date(refund.due_at) < new Date()) return [`${amount} were promised back by `, time(refund.due_at, { style, zone }), "; we are late, sorry, and look after it."];
  return [`${amount} go back to your original means of payment by `, time(refund.due_at, { style, zone }), "."];
}

export function showHead(order) {
  const { tone, title, next, past = false, stage = STAGES[order.stage] ?? order.stage } = standing(order);
  const head = find("#head");
  head.className = `hero ${tone}`.trim();
  fill(find("#number"), "Order ", el("span", { class: "number-of" }, order.number));
  const pieces = order.lines.reduce((sum, line) => sum + line.quantity, 0);
  find("#whose").textContent = `${pieces === 1 ? "1 piece" : `${pieces} pieces`} for ${order.delivery.name}`;
  const [sign, word] = SIGNS[tone] ?? [];
  find("#flag").hidden = !sign;
  if (sign) fill(find("#flag"), icon(sign), word);
  fill(find("#title"), ...title);
  find("#stage").classList.toggle("unseen", `${find("#title").textContent}.` === stage); // to be heard, not read twice
  if (find("#stage").textContent !== stage) find("#stage").textContent = stage; // said aloud only when it changes
  find("#next").hidden = !next;
  if (next) fill(find("#next"), icon("clock"), el("span", {}, past ? null : el("b", {}, "Next: "), ...next));
  showProgress(find("#progress"), order);
}

/** How far the order is, as a list of steps; nothing for one that was cancelled or expired. */
function showProgress(section, order) {
  const reached = REACHED[order.stage];
  section.hidden = reached === undefined;
  fill(section, reached !== undefined ? el("ol", { class: "steps", "aria-label": "How far it is" }, ...STEPS.map(([done, doing, sign], index) => el("li", {
    class: index < reached ? "done" : index === reached ? "now" : null,
    "aria-current": index === reached ? "step" : null,
  }, el("span", { class: "dot" }, icon(index < reached ? "check" : sign)),
    el("span", {}, index === reached ? doing : done, el("span", { class: "unseen" }, index < reached ? ", done" : index === reached ? ", now" : ", still to come"))))) : null);
}
