// How it stands with an order, and what staff may begin from it, as a conversation shows it beside it.

import { at, parts, t } from "./parts.js";
import { session } from "./session.js";
import { capital, words } from "./words.js";

const STAGES = {
  awaiting_payment: t("Waits for its payment"),
  in_review: t("In review"),
  contacting_you: t("The customer was asked"),
  preparing: t("In the warehouse"),
  not_arriving: t("A parcel does not arrive"),
  dispatched: t("Handed to the carrier"),
  in_transit: t("On its way"),
  customs: t("At customs; we pay"),
  out_for_delivery: t("Out for delivery"),
  delivered: t("Delivered"),
  completed: t("Complete"),
  cancelled: t("Cancelled by its customer"),
  expired: t("Expired without a payment"),
};

export const stageOf = (order) => STAGES[order.stage] ?? capital(words(order.stage));

/** What a refund is for, and when it is or was with the customer. */
export const whenOf = ({ cause, due_at: due, settled_at: settled }) =>
  settled ? parts("{cause}, settled {at}", { cause: words(cause), at: at(settled) }) : parts("{cause}, due {at}", { cause: words(cause), at: at(due) });

/** Whether a change may be proposed now, by the reader: while nothing has left us, and nothing else is asked. */
export function mayPropose({ status, stage, changes }) {
  const asked = changes.some((each) => each.status === "awaiting_customer" || (each.own && each.status === "accepted"));
  const gone = ["not_arriving", "dispatched", "in_transit", "customs", "out_for_delivery", "delivered"].includes(stage);
  return session.may("agent", "reviewer") && status === "confirmed" && !asked && !gone;
}

/** Whether a return may be asked for now, by the reader, in the customer's name. */
export const mayReturn = ({ status }) => session.may("agent", "aftersales", "lead") && status === "completed";
