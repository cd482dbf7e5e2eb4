// The parts of the order page that only show: delivery, goods, promises, story.

import { el, fill, money, time, words } from "./dom.js";

export const STAGES = {
  awaiting_payment: "We are waiting for your payment.",
  in_review: "We are reviewing your order.",
  contacting_you: "We have a question about your order. Please see below or your e-mail.",
  preparing: "We are preparing your parcel.",
  dispatched: "Your parcel has left us.",
  in_transit: "Your parcel is on its way.",
  customs: "Your parcel is at customs. You pay nothing: duties and fees are on us.",
  out_for_delivery: "Your parcel comes today.",
  delivered: "Your order has been delivered.",
  completed: "Your order is complete.",
  cancelled: "Your order is cancelled.",
  expired: "Your order has expired, because it was not paid.",
};

const PROMISES = {
  review: "Review of your order",
  shortage_contact: "Telling you about a shortage",
  dispatch: "Parcel leaves us",
  delivery: "Delivery",
  return_review: "Decision about your return",
  verification: "Checking what you sent back",
  refund: "Refund on your account",
};

const VERDICTS = { kept: "kept", breached: "late", running: "running", paused: "paused", recalled: "not needed any more" };

const STORY = {
  order_placed: "You placed the order.",
  payment_captured: "Your payment arrived; the review began.",
  payment_failed: "The payment did not work.",
  review_passed: "The order passed the review.",
  change_requested: "We asked you about a change.",
  change_accepted: "You accepted the change.",
  change_declined: "You declined the change.",
  change_closed: "The question about a change was closed; your order stays as it is.",
  order_changed: "The order was changed as you accepted.",
  stock_covered: "Everything is in stock again; we go on with your order.",
  cancellation_requested: "You asked to cancel the order.",
  order_cancelled: "The order was cancelled.",
  order_expired: "The order expired without a payment.",
  order_completed: "The order is complete.",
  refund_submitted: "We sent a refund to your bank.",
  refund_settled: "The refund arrived at your account.",
  shipment_created: "The warehouse has your order.",
  shipment_sorted: "Your goods were picked.",
  shipment_packed: "Your parcel was packed.",
  shipment_dispatched: "Your parcel was handed to the carrier.",
  shipment_recalled: "Your parcel was held back.",
  parcel_delivered: "A parcel was delivered.",
  shipment_delivered: "Everything was delivered.",
  delivery_taken_back: "A parcel that we called delivered was not; we look after it.",
  parcel_found: "A lost parcel was found.",
  order_reopened: "The order is open again until everything is delivered.",
  parcel_exception: "Something is wrong with a parcel; we look after it.",
  return_requested: "You asked to return something.",
  return_info_requested: "We have a question about your return.",
  return_authorized: "Your return was accepted; you can send the goods.",
  return_rejected: "Your return was not accepted.",
  return_appealed: "You objected to our decision about the return.",
  return_withdrawn: "You withdrew the return.",
  return_received: "Your goods arrived back.",
  return_inspected: "Your goods were checked.",
  return_refunded: "The return was refunded.",
  return_closed: "The return is closed.",
  ticket_opened: "You wrote to us.",
  message_posted: "A message was written.",
  ticket_resolved: "Your question was resolved.",
  ticket_reopened: "Your question was opened again.",
  ticket_rated: "You rated our answer.",
  customer_notified: "We sent you an e-mail.",
  commitment_breached: "We did not keep a date we promised.",
};

const titled = (section, title) => el("h2", { id: `${section.id}-title` }, title);

export function showDelivery(section, order) {
  const shipments = order.shipments ?? [];
  section.hidden = !shipments.length;
  fill(section, titled(section, "Delivery"), ...shipments.map(showShipment));
}

function showShipment(shipment) {
  const promise = shipment.promise;
  const window = promise
    ? el("p", { class: "window" }, "Expected between ", time(promise.earliest_at, { dateOnly: true }), " and ",
        el("strong", {}, time(promise.due_at, { dateOnly: true })), promise.provisional ? " (provisional)" : "", ".")
    : null;
  return el("div", {}, window, ...shipment.parcels.map(showParcel),
    shipment.parcels.length ? null : el("p", {}, `Warehouse: ${words(shipment.status)}.`));
}

function showParcel(parcel) {
  const events = [...(parcel.events ?? [])].reverse();
  return el("article", {},
    el("h3", {}, `${words(parcel.status ?? "label_created")}`),
    el("p", { class: "soft" }, `${words(parcel.carrier)}, tracking number ${parcel.tracking_number}`),
    parcel.health && !["on_time", "no_data"].includes(parcel.health) ? el("p", { class: "box" }, `This parcel is ${words(parcel.health).toLowerCase()}.`) : null,
    events.length
      ? el("ol", { class: "story" }, ...events.map((event) => el("li", {}, time(event.occurred_at),
          event.message || words(event.status), event.location ? `, ${event.location}` : "")))
      : null);
}

export function showGoods(section, order) {
  section.hidden = false;
  const totals = order.totals;
  const row = (label, amount) => el("tr", {}, el("th", { scope: "row", colspan: "2" }, label), el("td", { class: "number" }, money(amount)));
  const table = el("table", {},
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Article"), el("th", { scope: "col", class: "number" }, "Pieces"), el("th", { scope: "col", class: "number" }, "Each"))),
    el("tbody", {}, ...order.lines.map((line) => el("tr", {}, el("td", {}, line.title ?? line.sku), el("td", { class: "number" }, String(line.quantity)), el("td", { class: "number" }, money(line.unit_price))))),
    el("tfoot", {}, row("Shipping", totals.shipping), row("Duties and fees", totals.duties), row("Total", totals.total)));
  const refunds = (order.refunds ?? []).map((refund) => el("p", {}, `Refund of ${money(refund.amount)}: ${words(refund.status).toLowerCase()}.`));
  fill(section, titled(section, "What you ordered"), table, ...refunds);
}

export function showPromises(section, order) {
  const promises = order.commitments ?? [];
  section.hidden = !promises.length;
  const rows = promises.map((promise) => el("tr", {},
    el("td", {}, PROMISES[promise.kind] ?? words(promise.kind)),
    el("td", {}, time(promise.due_at), promise.provisional ? " (provisional)" : ""),
    el("td", {}, VERDICTS[promise.status] ?? words(promise.status), promise.stopped_at ? el("span", { class: "soft" }, " (", time(promise.stopped_at), ")") : null)));
  fill(section, titled(section, "What we promised"), el("table", {},
    el("thead", {}, el("tr", {}, ...["What", "Promised by", "So far"].map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, ...rows)));
}

export function showStory(section, entries) {
  section.hidden = !entries.length;
  const ordered = entries.sort((one, other) => (one.occurred_at < other.occurred_at ? 1 : one.occurred_at > other.occurred_at ? -1 : 0));
  fill(section, titled(section, "What happened"),
    el("ol", { class: "story" }, ...ordered.map((entry) => el("li", { "data-type": entry.type }, time(entry.occurred_at), tell(entry)))));
}

function tell(entry) {
  if (entry.type === "tracking_updated") {
    const where = entry.body.location ? `, ${entry.body.location}` : "";
    return `Parcel: ${words(entry.body.status).toLowerCase()}${where}.`;
  }
  return STORY[entry.type] ?? `${words(entry.type)}.`;
}
