// The work that waits for people, from every queue that the reader may see: one list, the next deadline first.
//
// A row: {key, clock, title, detail, number, owner, who, href, action: {key, label}}. `clock` is what `promise` draws.

import { t, tc, tn } from "/web/design/texts.js";
import { capital, money, person, words } from "./words.js";
import { list, session } from "./session.js";

const pieces = (lines) => tn("{n} piece", "{n} pieces", lines.reduce((sum, line) => sum + line.quantity, 0));
const where = (to) => [to.city, to.country].filter(Boolean).join(", ");

const STEPS = { queued: t("Sort and pack"), sorting: t("Pack"), packed: t("Hand over") };

function shipmentRow(each) {
  return {
    clock: { due_at: each.dispatch_due_at, started_at: each.review_passed_at },
    title: t("{step} {lines}, {pieces}", { step: STEPS[each.status], lines: tn("{n} line", "{n} lines", each.lines.length), pieces: pieces(each.lines) }),
    detail: each.on_hold ? t("on hold") : where(each.destination),
    number: each.number,
    owner: "",
    who: each.destination.name,
    href: `/desk/pack/${each.number}`,
    action: { key: "p", label: t("Pack") },
  };
}

const RETURN_ASKS = {
  requested: [t("Return asked"), { key: "r", label: tc("verb", "Review") }],
  appealed: [t("Appeal against a rejection"), { key: "r", label: tc("verb", "Review") }],
  in_transit: [t("Return on its way"), { key: "i", label: t("Receive") }],
  authorized: [t("Return allowed"), { key: "i", label: t("Receive") }],
  received: [t("Check returned goods"), { key: "i", label: t("Inspect") }],
  inspected: [t("Second look at returned goods"), { key: "i", label: t("Look") }],
};
const RETURN_WAITS = {
  second_look: [t("Second look at returned goods"), { key: "i", label: t("Look") }],
  send_back: [t("Send rejected goods back"), { key: "i", label: t("Send") }],
  postage: [t("Postage of a return to decide"), { key: "d", label: t("Decide") }],
};

function returnRow(each, path) {
  const waits = new URLSearchParams(path.split("?")[1]).get("waits_for");
  const [title, action] = RETURN_WAITS[waits] ?? RETURN_ASKS[each.status] ?? [capital(words(each.status)), { key: "o", label: tc("verb", "Open") }];
  const clock = each.commitments.find(({ status }) => status === "running" || status === "paused");
  return {
    clock: clock ?? { due_at: each.due_at },
    title: t("{title}: {pieces}", { title, pieces: pieces(each.lines) }),
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
      title: order.review.status === "needs_contact" ? t("Review: the customer was asked") : t("Review an order"),
      detail: money(order.totals.total),
      number: order.number,
      owner: "",
      who: order.contact.name,
      href: `/desk/review/${order.number}`,
      action: { key: "r", label: tc("verb", "Review") },
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
      detail: [
        [ticket.category, ticket.topic].filter(Boolean).map(words).join(", "),
        ticket.escalated_at && t("the customer asked for a lead"),
        ticket.rung && t("{share} % of the time of {kind}: told {told}", { share: ticket.rung.share, kind: words(ticket.rung.kind).toLowerCase(), told: ticket.rung.told.map(person).join(", ") }),
      ].filter(Boolean).join("; "),
      number: ticket.number,
      owner: ticket.assignee ? person(ticket.assignee) : t("nobody"),
      who: ticket.customer?.name ?? "",
      href: `/desk/inbox/${ticket.number}`,
      action: { key: "a", label: tc("verb", "Answer") },
    }),
  },
  {
    roles: ["agent", "lead"],
    paths: ["/v1/tickets?status=quarantined"],
    row: (ticket) => ({
      clock: { due_at: ticket.next_due_at, started_at: ticket.opened_at },
      title: t("Set aside: is it from a person?"),
      detail: ticket.subject,
      number: ticket.number,
      owner: t("nobody"),
      who: ticket.customer?.name ?? "",
      href: `/desk/inbox/${ticket.number}?view=quarantined`,
      action: { key: "l", label: t("Look") },
    }),
  },
  {
    roles: ["agent", "lead"],
    paths: ["/v1/verifications?status=drafted"],
    row: (each) => ({
      clock: null,
      title: t("An answer to check"),
      detail: each.question,
      number: each.ticket_number,
      owner: t("not {drafted_by}", { drafted_by: person(each.drafted_by) }),
      who: person(each.drafted_by),
      href: `/desk/inbox/${each.ticket_number}`,
      action: { key: "c", label: t("Check") },
    }),
  },
  {
    roles: ["lead"],
    paths: ["/v1/payments/attention"],
    row: (each) => ({
      clock: { due_at: each.due_at, started_at: each.opened_at },
      title: t("Money to settle: {kind}", { kind: words(each.kind) }),
      detail: `${money(each.amount)}${each.holds_dispatch ? `, ${t("holds the dispatch")}` : ""}`,
      number: each.order_number ?? each.payment_id,
      owner: t("lead"),
      who: each.reason,
      href: "/desk/money",
      action: { key: "s", label: t("Settle") },
    }),
  },
  {
    roles: ["lead"],
    paths: ["/v1/refunds?status=failed"],
    row: (each) => ({
      clock: { due_at: each.due_at, started_at: each.created_at },
      title: t("A refund was refused by the bank"),
      detail: money(each.amount),
      number: each.order_number,
      owner: t("lead"),
      who: words(each.reason ?? ""),
      href: "/desk/money",
      action: { key: "s", label: t("Settle") },
    }),
  },
  {
    roles: ["lead"],
    paths: ["/v1/costs?status=disputed"],
    waits: (each) => each.due_at, // not what was claimed: its carrier is to answer
    row: (each) => ({
      clock: each.due_at ? { due_at: each.due_at } : null,
      title: t("A carrier bills otherwise than expected"),
      detail: t("{billed} billed, {owed} expected", { billed: money(each.invoiced), owed: each.accrued ? money(each.accrued) : t("nothing known") }),
      number: each.shipment_number,
      owner: t("lead"),
      who: each.country,
      href: `/desk/costs/${each.shipment_number}`,
      action: { key: "s", label: t("Settle") },
    }),
  },
  {
    roles: ["warehouse", "agent", "lead"],
    paths: ["/v1/scans/unmatched"],
    row: (scan) => ({
      clock: null,
      title: t("A scan found no parcel"),
      detail: `${scan.carrier} ${scan.tracking_number}: ${scan.message}`,
      number: scan.tracking_number,
      owner: "",
      who: scan.location ?? "",
      href: `/desk/parcels?scan=${scan.id}`,
      action: { key: "o", label: t("Attach") },
    }),
  },
];

const nameOf = (item) => item.id ?? item.number ?? item.payment_id ?? item.shipment_number;

/** Read the queues of the reader's roles, up to `most` of each: {rows, missing, more}, the next due first, what has no clock last. */
export async function readWork(most) {
  const wanted = SOURCES.filter(({ roles }) => session.may(...roles)).flatMap(({ paths, row, waits = () => true }) => paths.map((path) => [path, row, waits]));
  const missing = [];
  let more = false;
  const parts = await Promise.all(
    wanted.map(async ([path, row, waits]) => {
      try {
        const found = await list(path, most);
        more ||= found.more;
        return found.items.filter(waits).map((item) => ({ ...row(item, path), key: `${path} ${nameOf(item)} ${item.kind ?? ""}` }));
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
