// The parts of the order page that only show: progress, delivery, goods, promises, story.

import { addressLines, el, fill, money, place, sum, time, timeZone, words } from "./dom.js";

export const STAGES = {
  awaiting_payment: "We are waiting for your payment.",
  in_review: "We are reviewing your order.",
  contacting_you: "We have a question about your order. Please answer it below, or in our e-mail.",
  preparing: "We are preparing your parcel.",
  not_arriving: "A parcel does not arrive. Please see below.",
  dispatched: "Your parcel has left us.",
  in_transit: "Your parcel is on its way.",
  customs: "Your parcel is at customs. You pay nothing: duties and fees are on us.",
  out_for_delivery: "The carrier has your parcel on board and is on the way to you.",
  delivered: "Your order has been delivered.",
  completed: "Your order is complete.",
  cancelled: "Your order is cancelled.",
  expired: "Your order has expired, because it was not paid in full.",
};

const PROMISES = {
  review: "Review of your order",
  shortage_contact: "Telling you about a shortage",
  dispatch: "Parcel leaves us",
  delivery: "Delivery",
  remedy: "Asking you about a parcel that does not arrive",
  return_review: "Decision about your return",
  postage: "Decision about the postage of your return",
  verification: "Checking what you sent back",
  send_back: "Sending your goods back to you",
  refund: "Refund to your original means of payment",
  payment_attention: "Looking into a payment of yours",
};

const VERDICTS = {
  kept: "kept",
  breached: "late",
  running: "running",
  paused: "waits for you",
  recalled: "not needed any more",
};

const STORY = {
  order_placed: "You placed the order.",
  payment_captured: "A payment arrived.",
  payment_started: "A payment was begun.",
  payment_failed: "The payment did not work.",
  review_passed: "The order passed the review.",
  change_requested: "We asked you about a change.",
  change_accepted: "You accepted the change.",
  change_declined: "You declined the change.",
  change_closed: "The question about a change was closed; your order stays as it is.",
  order_changed: "The order was changed as you accepted.",
  stock_covered: "Everything is in stock again; we go on with your order.",
  cancellation_requested: "You asked to cancel the order.",
  cancellation_refused: "The parcel had already left; the order goes on.",
  order_cancelled: "The order was cancelled.",
  order_expired: "The order expired, because it was not paid in full.",
  order_revived: "Your payment arrived after the order had expired; the order goes on.",
  order_completed: "The order is complete.",
  refund_submitted: "We sent a refund to your bank.",
  refund_settled: "The refund was paid back to your original means of payment.",
  shipment_created: "The warehouse has your order.",
  shipment_sorted: "Your goods were picked.",
  shipment_packed: "Your parcel was packed.",
  shipment_dispatched: "Your parcel was handed to the carrier.",
  shipment_recalled: "Your parcel was held back.",
  parcel_delivered: "A parcel was delivered.",
  shipment_delivered: "Everything was delivered.",
  delivery_taken_back: "A parcel that we called delivered was not; we look after it.",
  order_reopened: "The order is open again until everything is delivered.",
  parcel_exception: "Something is wrong with a parcel; we look after it.",
  parcel_not_arriving: "A parcel will not arrive.",
  parcel_turned_up: "A parcel that was missing has turned up.",
  shipment_closed: "We no longer wait for a parcel that did not arrive.",
  remedy_requested: "We asked you what we shall do about a parcel.",
  remedy_accepted: "You chose what we do about the parcel.",
  remedy_closed: "The question about the parcel was closed.",
  remedy_overtaken: "A parcel turned up after you had chosen; a colleague looks at it.",
  return_requested: "You asked to return something.",
  return_info_requested: "We have a question about your return.",
  return_info_answered: "You answered our question about your return.",
  return_authorized: "Your return was accepted; you can send the goods.",
  return_rejected: "Your return was not accepted.",
  return_appealed: "You objected to our decision about the return.",
  return_withdrawn: "You withdrew the return.",
  return_sent: "You sent the goods back.",
  return_lapsed: "The goods of your return were not sent in time.",
  return_received: "Your goods arrived back.",
  return_inspected: "Your goods were checked.",
  return_refunded: "The return was refunded.",
  return_postage_asked: "You asked for the postage of your return.",
  return_postage_decided: "We decided about the postage of your return.",
  return_refund_taken_back: "The bank took back the refund of your return; it is owed to you again.",
  return_closed: "The return is closed.",
  return_sent_back: "Goods that we did not accept were sent back to you.",
  return_pieces_withdrawn: "You keep some of what you wanted to return.",
  message_posted: "A message was written.",
  ticket_amended: "We sorted your message anew.",
  ticket_resolved: "Your question was resolved.",
  ticket_closed: "The conversation was closed.",
  ticket_reopened: "Your question was opened again.",
  ticket_rated: "You rated our answer.",
  customer_notified: "We sent you an e-mail.",
  commitment_breached: "We did not keep a date we promised.",
};

const titled = (section, title) => el("h2", { id: `${section.id}-title` }, title);

const STEPS = ["Ordered", "Paid", "Checked", "Handed to the carrier", "Delivered"];
const REACHED = {
  awaiting_payment: 1, in_review: 2, contacting_you: 2, preparing: 3, not_arriving: 4, dispatched: 4, in_transit: 4, customs: 4,
  out_for_delivery: 4, delivered: 5, completed: 5,
};

/** How far the order is, as a list of steps; nothing for one that was cancelled or expired. */
export function showProgress(section, order) {
  const reached = REACHED[order.stage];
  section.hidden = !reached;
  fill(section, reached ? el("ol", { class: "steps" }, ...STEPS.map((step, index) => el("li", {
    class: index < reached ? "done" : index === reached ? "now" : null,
    "aria-current": index === reached ? "step" : null,
  }, step, el("span", { class: "unseen" }, index < reached ? " (done)" : index === reached ? " (next)" : "")))) : null);
}

export function showDelivery(section, order) {
  const shipments = order.shipments ?? [];
  section.hidden = false;
  fill(section, titled(section, "Delivery"), ...shipments.map((shipment) => showShipment(shipment, order)), showAddress(order));
}

function showAddress({ delivery, contact }) {
  return el("dl", {},
    el("dt", {}, "To"), el("dd", { id: "address" }, addressLines(delivery).join(", ")),
    el("dt", {}, "Phone"), el("dd", { id: "phone" }, contact.phone),
    el("dt", {}, "E-mail"), el("dd", {}, contact.email));
}

/** The zone of the place where the parcel is to arrive: the one in which the days of its promise are counted. */
function zoneOf(order) {
  const promised = (order.commitments ?? []).find((promise) => promise.kind === "delivery");
  return promised?.zone || order.contact.time_zone || timeZone;
}

function showShipment(shipment, order) {
  const { promise, delivered_at: delivered } = shipment;
  const closed = shipment.closed_at ? el("p", { class: "box" }, "Nobody waits for this parcel any more; what you chose is done instead.") : null;
  const zone = zoneOf(order);
  const there = { dateOnly: true, zone };
  const window = delivered ? el("p", { class: "window" }, "Delivered on ", time(delivered, there), ` (${place(zone)} time).`)
    : shipment.status === "dispatched" && promise && !closed && !shipment.parcels.every((parcel) => GONE.includes(parcel.status))
      ? el("p", { class: "window" }, "Expected between ", time(promise.earliest_at, there), " and ",
          el("strong", {}, time(promise.due_at, there)), ` (${place(zone)} time)`, promise.provisional ? ", provisional" : "", ".")
      : null;
  return el("div", {}, closed, window, ...shipment.parcels.map((parcel) => showParcel(parcel, zone)),
    shipment.parcels.length ? null : el("p", {}, `Warehouse: ${words(shipment.status)}.`));
}

function showParcel(parcel, zone) {
  const events = [...(parcel.events ?? [])].reverse();
  const over = parcel.delivered_at || ["delivered", ...GONE].includes(parcel.status);
  return el("article", {},
    el("h3", {}, `${words(parcel.status ?? "label_created")}`),
    el("p", { class: "soft" }, `${carrierOf(parcel)}, tracking number `, numberOf(parcel)),
    !over && !parcel.closed_at && parcel.health && !["on_time", "no_data"].includes(parcel.health) ? el("p", { class: "box" }, HEALTH[parcel.health] ?? `This parcel is ${words(parcel.health).toLowerCase()}.`) : null,
    events.length
      ? el("ol", { class: "story" }, ...events.map((event) => el("li", {}, time(event.occurred_at),
          event.message || words(event.status), event.location ? `, ${event.location}` : "")))
      : null);
}

/** What will not arrive, unless it turns up: nothing is expected of it any more. */
const GONE = ["lost", "returning", "returned", "cancelled"];

const HEALTH = {
  at_risk: "This parcel may come later than promised.",
  late: "This parcel is late.",
  stuck: "This parcel has not moved for some time.",
};

const carrierOf = (parcel) => parcel.carrier_name || words(parcel.carrier);

/** The tracking number; with the carrier's own page behind it where that is known. */
function numberOf(parcel) {
  const url = parcel.tracking_url;
  return url?.startsWith("https://") ? el("a", { href: url, rel: "noreferrer" }, parcel.tracking_number) : parcel.tracking_number;
}

export function showGoods(section, order) {
  section.hidden = false;
  const totals = order.totals;
  const row = (label, amount) => el("tr", {}, el("th", { scope: "row" }, label), el("td", { class: "number" }, money(amount)));
  const table = el("table", { class: "goods" },
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Article"), el("th", { scope: "col", class: "number" }, "Amount"))),
    el("tbody", {}, ...order.lines.map(showLine)),
    el("tfoot", {}, row("Shipping", totals.shipping), row("Duties and fees", totals.duties), row("Total", totals.total),
      totals.ordered.amount === totals.total.amount ? null : row("Ordered at first", totals.ordered),
      totals.refunded.amount === "0.00" ? null : row("Paid back or on its way back", totals.refunded)));
  const refunds = (order.refunds ?? []).map((refund) => el("p", {}, `Refund of ${money(refund.amount)}${refund.cause === "postage" ? " for postage" : ""}: ${words(refund.status).toLowerCase()}.`));
  fill(section, titled(section, "What you ordered"), table, ...refunds);
}

/** A line: what it is, how many pieces at which price, and what they cost together. */
function showLine(line) {
  const each = line.quantity ? `${line.quantity} × ${money(line.unit_price)}` : "none left";
  const together = line.paid?.length ? sum(line.paid) : { amount: "0.00", currency: line.unit_price.currency };
  return el("tr", {}, el("td", {}, line.title ?? line.sku, el("span", { class: "each soft" }, each)), el("td", { class: "number" }, money(together)));
}

export function showPromises(section, order) {
  const promises = order.commitments ?? [];
  section.hidden = !promises.length;
  const there = zoneOf(order);
  const due = (promise) => promise.kind === "delivery"
    ? el("td", { "data-label": "Promised by" }, time(promise.due_at, { dateOnly: true, zone: there }), ` (${place(there)} time)`, promise.provisional ? ", provisional" : "")
    : el("td", { "data-label": "Promised by" }, time(promise.due_at), promise.provisional ? " (provisional)" : "");
  const rows = promises.map((promise) => el("tr", {},
    el("td", {}, PROMISES[promise.kind] ?? words(promise.kind)),
    due(promise),
    el("td", { "data-label": "So far" }, verdict(promise), promise.stopped_at ? el("span", { class: "soft" }, " (", time(promise.stopped_at), ")") : null)));
  fill(section, titled(section, "What we promised"), el("table", { class: "stacks" },
    el("thead", {}, el("tr", {}, ...["What", "Promised by", "So far"].map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...rows)),
    el("p", { class: "soft" }, `Times are in your time zone, ${timeZone}, unless another is named.`));
}

/** How a promise stands. The way to the carrier also stands still for what is not the customer's to do: goods, a bank. */
function verdict(promise) {
  const held = promise.kind === "dispatch" && promise.status === "paused";
  return held ? "on hold" : VERDICTS[promise.status] ?? words(promise.status);
}

export function showStory(section, entries) {
  section.hidden = !entries.length;
  const ordered = entries.sort((one, other) => (one.occurred_at < other.occurred_at ? 1 : one.occurred_at > other.occurred_at ? -1 : 0));
  fill(section, titled(section, "What happened"),
    el("ol", { class: "story" }, ...ordered.map((entry) => el("li", { "data-type": entry.type }, time(entry.occurred_at), tell(entry)))));
}

function tell(entry) {
  if (entry.type === "ticket_opened") return entry.body.answer_by ? "You wrote to us." : "We wrote to you.";
  if (entry.type === "tracking_updated") {
    const where = entry.body.location ? `, ${entry.body.location}` : "";
    return `Parcel: ${words(entry.body.status).toLowerCase()}${where}.`;
  }
  return STORY[entry.type] ?? `${words(entry.type)}.`;
}
