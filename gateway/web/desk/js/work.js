// The work that waits for people, from every queue that the reader may see: one list, the next deadline first.
//
// A row: {key, clock, title, detail, number, owner, who, href, action: {key, label}}. `clock` is what `promise` draws.

import { capital, count, money, person, words } from "./words.js";
import { list, session } from "./session.js";

const pieces = (lines) => count(lines.reduce((sum, line) => sum + line.quantity, 0), "piece");
const where = (to) => [to.city, to.country].filter(Boolean).join(", ");

const STEPS = { queued: "Sort and pack", sorting: "Pack", packed: "Hand over" };

function shipmentRow(each) {
  return {
    clock: { due_at: each.dispatch_due_at, started_at: each.review_passed_at },
    title: `${STEPS[each.status]} ${count(each.lines.length, "line")}, ${pieces(each.lines)}`,
    detail: each.on_hold ? "on hold" : where(each.destination),
    number: each.number,
    owner: "",
    who: each.destination.name,
    href: `/desk/pack/${each.number}`,
    action: { key: "p", label: "Pack" },
  };
}

const RETURN_ASKS = {
  requested: ["Return asked", { key: "r", label: "Review" }],
  appealed: ["Appeal against a rejection", { key: "r", label: "Review" }],
  in_transit: ["Return on its way", { key: "i", label: "Receive" }],
  authorized: ["Return allowed", { key: "i", label: "Receive" }],
  received: ["Check returned goods", { key: "i", label: "Inspect" }],
  inspected: ["Second look at returned goods", { key: "i", label: "Look" }],
};
const RETURN_WAITS = {
  second_look: ["Second look at returned goods", { key: "i", label: "Look" }],
  send_back: ["Send rejected goods back", { key: "i", label: "Send" }],
  postage: ["Postage of a return to decide", { key: "d", label: "Decide" }],
};

function returnRow(each, path) {
  const waits = new URLSearchParams(path.split("?")[1]).get("waits_for");
  const [title, action] = RETURN_WAITS[waits] ?? RETURN_ASKS[each.status] ?? [capital(words(each.status)), { key: "o", label: "Open" }];
  const clock = each.commitments.find(({ status }) => status === "running" || status === "paused");
  return {
    clock: clock ?? { due_at: each.due_at },
    title: `${title}: ${pieces(each.lines)}`,
    detail: [...new Set(each.lines.map((line) => words(line.reason)))].join(", "),
    number: each.number,
    owner: "",
    who: each.email ?? each.order_number,
    href: `/desk/returns/${each.number}`,
    action,
  };
}

const SOURCES = [
  {
    roles: ["reviewer"],
    paths: ["/v1/reviews"],
    row: (order) => ({
      clock: { due_at: order.review.due_at },
      title: order.review.status === "needs_contact" ? "Review: the customer was asked" : "Review an order",
      detail: money(order.totals.total),
      number: order.number,
      owner: "",
      who: order.contact.name,
      href: `/desk/review/${order.number}`,
      action: { key: "r", label: "Review" },
    }),
  },
  { roles: ["warehouse"], paths: ["/v1/shipments?status=queued", "/v1/shipments?status=sorting", "/v1/shipments?status=packed"], row: shipmentRow },
  { roles: ["aftersales", "lead"], paths: [...["requested", "appealed", "in_transit", "received"].map((status) => `/v1/returns?status=${status}`), ...Object.keys(RETURN_WAITS).map((what) => `/v1/returns?waits_for=${what}`)], row: returnRow },
  {
    roles: ["agent", "lead"],
    paths: ["/v1/tickets?status=new", "/v1/tickets?status=open", "/v1/tickets?status=waiting_internal", "/v1/tickets?status=verifying"],
    row: (ticket) => ({
      clock: { due_at: ticket.next_due_at, started_at: ticket.opened_at },
      title: ticket.subject,
      detail: `${words(ticket.category)}${ticket.topic ? `, ${words(ticket.topic)}` : ""}${ticket.escalated_at ? "; the customer asked for a lead" : ""}${ticket.rung ? `; ${ticket.rung.share} % of the time of ${words(ticket.rung.kind).toLowerCase()}: told ${ticket.rung.told.map(person).join(", ")}` : ""}`,
      number: ticket.number,
      owner: ticket.assignee ? person(ticket.assignee) : "nobody",
      who: ticket.customer?.name ?? "",
      href: `/desk/inbox/${ticket.number}`,
      action: { key: "a", label: "Answer" },
    }),
  },
  {
    roles: ["agent", "lead"],
    paths: ["/v1/tickets?status=quarantined"],
    row: (ticket) => ({
      clock: { due_at: ticket.next_due_at, started_at: ticket.opened_at },
      title: "Set aside: is it from a person?",
      detail: ticket.subject,
      number: ticket.number,
      owner: "nobody",
      who: ticket.customer?.name ?? "",
      href: `/desk/inbox/${ticket.number}?view=quarantined`,
      action: { key: "l", label: "Look" },
    }),
  },
  {
    roles: ["agent", "lead"],
    paths: ["/v1/verifications?status=drafted"],
    row: (each) => ({
      clock: null,
      title: "An answer to check",
      detail: each.question,
      number: each.ticket_number,
      owner: `not ${person(each.drafted_by)}`,
      who: person(each.drafted_by),
      href: `/desk/inbox/${each.ticket_number}`,
      action: { key: "c", label: "Check" },
    }),
  },
  {
    roles: ["lead"],
    paths: ["/v1/payments/attention"],
    row: (each) => ({
      clock: { due_at: each.due_at, started_at: each.opened_at },
      title: `Money to settle: ${words(each.kind)}`,
      detail: `${money(each.amount)}${each.holds_dispatch ? ", holds the dispatch" : ""}`,
      number: each.order_number ?? each.payment_id,
      owner: "lead",
      who: each.reason,
      href: "/desk/money",
      action: { key: "s", label: "Settle" },
    }),
  },
  {
    roles: ["lead"],
    paths: ["/v1/refunds?status=failed"],
    row: (each) => ({
      clock: { due_at: each.due_at, started_at: each.created_at },
      title: "A refund was refused by the bank",
      detail: money(each.amount),
      number: each.order_number,
      owner: "lead",
      who: words(each.reason ?? ""),
      href: "/desk/money",
      action: { key: "s", label: "Settle" },
    }),
  },
  {
    roles: ["warehouse", "agent", "lead"],
    paths: ["/v1/scans/unmatched"],
    row: (scan) => ({
      clock: null,
      title: "A scan found no parcel",
      detail: `${scan.carrier} ${scan.tracking_number}: ${scan.message}`,
      number: scan.tracking_number,
      owner: "",
      who: scan.location ?? "",
      href: `/desk/parcels?scan=${scan.id}`,
      action: { key: "o", label: "Attach" },
    }),
  },
];

const nameOf = (item) => item.id ?? item.number ?? item.payment_id;

/** Read the queues of the reader's roles, up to `most` of each: {rows, missing, more}, the next due first, what has no clock last. */
export async function readWork(most) {
  const wanted = SOURCES.filter(({ roles }) => session.may(...roles)).flatMap(({ paths, row }) => paths.map((path) => [path, row]));
  const missing = [];
  let more = false;
  const parts = await Promise.all(
    wanted.map(async ([path, row]) => {
      try {
        const found = await list(path, most);
        more ||= found.more;
        return found.items.map((item) => ({ ...row(item, path), key: `${path} ${nameOf(item)} ${item.kind ?? ""}` }));
      } catch (problem) {
        if (problem.status === 401) throw problem;
        missing.push(path);
        return [];
      }
    }),
  );
  const rows = parts.flat();
  const clocks = new Map(rows.filter(({ clock }) => clock).map(({ number, clock }) => [number, clock]));
  for (const row of rows) row.clock ??= clocks.get(row.number) ?? null; // an answer to check is due as its conversation is
  const due = (row) => (row.clock?.due_at ? new Date(row.clock.due_at).getTime() : Infinity);
  return { rows: rows.sort((one, other) => due(one) - due(other)), missing, more };
}
