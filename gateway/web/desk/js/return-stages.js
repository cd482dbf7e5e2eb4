// What is said of the pieces of a return, stage by stage, and who may say it.
import { t } from "/web/design/texts.js";

/** How a return stands, as a sentence. */
export const STATES = {
  requested: t("The customer asks for a return"),
  needs_info: t("The customer was asked"),
  authorized: t("The goods may come back"),
  in_transit: t("The goods are on their way to us"),
  received: t("The goods are here"),
  inspected: t("The goods are inspected"),
  refund_due: t("The money is on its way back"),
  exchange_due: t("Another one is on its way to the customer"),
  refunded: t("The money is back"),
  closed: t("Done"),
  rejected: t("Rejected; the customer may object"),
  appealed: t("The customer objects"),
  rejected_final: t("Rejected for good"),
  withdrawn: t("The customer keeps the goods"),
  lapsed: t("The goods were never sent"),
};

export const PARTS = { product_status: t("Product"), order_information: t("Order"), return_reason: t("Reason") };

/** The closed list of grounds of a rejection, and the part of the review that each is about. */
export const GROUNDS = {
  damaged_after_delivery: "product_status",
  used_beyond_trying: "product_status",
  incomplete: "product_status",
  not_from_this_order: "order_information",
  already_refunded: "order_information",
  reason_disproved: "return_reason",
};

/** A stage: which pieces it is about, what can be said of one, and the command that takes it. */
const STAGES = [
  {
    name: "inspection",
    title: t("Say what each piece is worth"),
    status: ["received"],
    of: (unit) => unit.condition !== "awaiting" && !unit.outcome && !unit.withdrawn,
    field: "outcome",
    choices: [["a", "accepted", t("Accept")], ["x", "disputed", t("Find a ground to reject"), true]],
  },
  {
    name: "receipt",
    title: t("Book in what arrived"),
    status: ["authorized", "in_transit", "received"],
    of: (unit) => unit.condition === "awaiting" && !unit.withdrawn,
    field: "condition",
    choices: [["o", "received_ok", t("As it was")], ["d", "damaged", t("Damaged")], ["w", "wrong_item", t("Wrong item")], ["m", "missing", t("Missing")]],
  },
  {
    name: "second-look",
    title: t("Second look: you decide what somebody else found"),
    status: ["received", "inspected", "refund_due", "exchange_due"],
    of: (unit) => waitsForSecond(unit),
    field: "outcome",
    choices: [["a", "accepted", t("Accept")], ["x", "rejected", t("Reject"), true]],
  },
  {
    name: "disposition",
    title: t("Back to the shelf, or not"),
    status: ["received", "inspected", "refund_due", "exchange_due", "refunded", "closed"],
    of: (unit) => ["accepted", "exchanged"].includes(unit.outcome) && !unit.disposition && ["received_ok", "damaged", "wrong_item"].includes(unit.condition),
    field: "disposition",
    choices: [["h", "restock", t("Back to the shelf")], ["z", "scrap", t("Scrap")]],
  },
];

export const id = (unit) => `${unit.line_id}.${unit.unit}`;
export const stands = (units) => units.map((unit) => [id(unit), unit.condition, unit.outcome].join()).join(";");

const waitsForSecond = (unit) => ["disputed", "unconfirmed", "appealed"].includes(unit.outcome);

/** Whether the reader may say something of a piece: who found it, confirmed it or asked for the return may not confirm. */
export function mayDecide(unit, { requested_by: asked }, mine) {
  return !waitsForSecond(unit) || !(mine(unit.found_by) || mine(asked) || (unit.outcome === "appealed" && mine(unit.confirmed_by)));
}

/** The stage that is next for the reader: {…, units}, null if nothing is to be said of a piece. */
export function stageOf(shown, mine) {
  const { status, units } = shown ?? { units: [] };
  for (const stage of STAGES) {
    const wanted = units.filter((unit) => stage.of(unit) && mayDecide(unit, shown, mine));
    if (wanted.length && stage.status.includes(status)) return { ...stage, units: wanted };
  }
  return null;
}

/** What was said of pieces that still wait for it. */
export function stillOpen(findings, stage) {
  const open = new Set((stage?.units ?? []).map(id));
  return Object.fromEntries(Object.entries(findings).filter(([key]) => open.has(key)));
}
