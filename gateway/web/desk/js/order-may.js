// What staff may begin from an order, as it stands; the forms are read once they are wanted (`pages/order-steps.js`).

import { session } from "./session.js";

/** Whether a change may be proposed now, by the reader: while nothing has left us, and nothing else is asked. */
export function mayPropose({ status, stage, changes }) {
  const asked = changes.some((each) => each.status === "awaiting_customer" || (each.own && each.status === "accepted"));
  const gone = ["not_arriving", "dispatched", "in_transit", "customs", "out_for_delivery", "delivered"].includes(stage);
  return session.may("agent", "reviewer") && status === "confirmed" && !asked && !gone;
}

/** Whether a return may be asked for now, by the reader, in the customer's name. */
export const mayReturn = ({ status }) => session.may("agent", "aftersales", "lead") && status === "completed";
