// A customer of the shop, written against the types that are generated from the OpenAPI document.
//
//     node customer.mjs http://127.0.0.1:8000
//
// Buys, pays, follows the parcel, asks a question and sends everything back. A line such as "paid ORD-…" tells the
// shop that it is its turn. Ends with exit code 0 when the money is back.
import { randomUUID } from "node:crypto";
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

const PATIENCE_MS = 60_000;
const url = process.argv[2] ?? "http://127.0.0.1:8000";
const email = `ada.${randomUUID().slice(0, 8)}@example.com`;
const guest = createClient<paths>({ baseUrl: url });

type Answer<Data, Problem> = { data?: Data; error?: Problem; response: Response };
type Problem = { code: string; detail: string };

/** The data of a good answer; a problem document ends the story. */
function good<Data>({ data, error, response }: Answer<Data, Problem>): Data {
  if (data === undefined) throw new Error(`${response.url}: ${response.status} ${error?.code}: ${error?.detail}`);
  return data;
}

/** The first answer that is as wished. */
async function until<Data>(ask: () => Promise<Answer<Data, Problem>>, wished: (data: Data) => boolean): Promise<Data> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await new Promise((wake) => setTimeout(wake, 200))) {
    const found = good(await ask());
    if (wished(found)) return found;
  }
  throw new Error(`it did not come to this: ${wished}`);
}

function expect(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`not as promised: ${what}`);
}

const withToken = (token: string) =>
  createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });

// she buys
const products = good(await guest.GET("/v1/products", { params: { query: { limit: 20 } } })).items;
const wanted = products.filter((product) => Number(product.price.amount) > 0).slice(0, 2);
expect(wanted.length === 2, "there are two products");
const order = good(
  await guest.POST("/v1/orders", {
    params: { header: { "Idempotency-Key": randomUUID() } },
    body: {
      contact: { name: "Ada Lovelace", email, phone: "+1 212 555 0147", language: "en" },
      delivery: {
        name: "Ada Lovelace", line1: "12 Analytical Row", city: "New York", region: "NY", postal_code: "10001",
        country: "US",
      },
      lines: wanted.map((product) => ({ sku: product.sku, quantity: 1 })),
    },
  }),
);
const freight: string = order.totals.shipping.amount;
expect(freight === "0.00", "no freight");
// @ts-expect-error: a field that no answer has is a mistake that the compiler finds
void order.no_such_field;
expect(order.access_token !== undefined, "the way back to the order");
const customer = withToken(order.access_token);
const inOrder = { params: { path: { number: order.number } } };

// she pays at the bank
const started = good(await customer.POST("/v1/orders/{number}/payments", { ...inOrder, body: { provider: "sandbox" } }));
const bank: string | null | undefined = started.url;
const secret: string | null | undefined = started.client_secret;
expect(bank && secret, "the bank's address and secret");
const headers = { "Content-Type": "application/json" };
expect((await fetch(bank, { method: "POST", headers, body: JSON.stringify({ client_secret: secret }) })).ok, "paid");
await until(
  () => customer.GET("/v1/orders/{number}", inOrder),
  ({ payment }) => payment !== null && payment.status === "captured" && payment.captured.amount === order.totals.total.amount,
);

// she follows what happens, live
const live = await customer.GET("/v1/orders/{number}/live", { ...inOrder, parseAs: "stream" });
expect(live.response.ok && live.data !== undefined && live.data !== null, "a stream");
console.log(`paid ${order.number}`);
await heard(live.data, "parcel_delivered");
const delivered = await until(
  () => customer.GET("/v1/orders/{number}", inOrder),
  ({ status, shipments }) => status === "completed" && shipments?.[0]?.parcels[0]?.status === "delivered",
);
const due: string | undefined = delivered.commitments.find((clock) => clock.kind === "delivery")?.due_at;
expect(due !== undefined && !Number.isNaN(Date.parse(due)), "the delivery was promised");
const { shipments } = good(await customer.GET("/v1/orders/{number}/tracking", inOrder));
const trackingNumber: string | undefined = shipments[0]?.parcels[0]?.tracking_number;
const scans: string[] = shipments.flatMap(({ parcels }) => parcels.flatMap(({ events }) => events.map((scan) => scan.message)));
expect(trackingNumber !== undefined && scans.length > 1, "the carrier's scans");
const { items: entries } = good(await customer.GET("/v1/orders/{number}/timeline", inOrder));
expect(entries.some(({ type }) => type === "order_completed"), "the timeline has it");

// she asks, and is answered
const receipt = good(
  await customer.POST("/v1/contact", {
    body: {
      name: "Ada Lovelace", email, category: "logistics", order_number: order.number,
      subject: "Where was it left?", message: "I cannot find it.",
    },
  }),
);
console.log(`asked ${receipt.ticket_number}`);
expect(receipt.access_token !== undefined, "the way back to the conversation");
const reader = withToken(receipt.access_token);
const ticket = await until(
  () => reader.GET("/v1/tickets/{number}", { params: { path: { number: receipt.ticket_number } } }),
  ({ messages }) => messages.some((message) => message.author === "agent"),
);
const answeredBy: string | undefined = ticket.commitments[0]?.due_at;
expect(answeredBy !== undefined, "the answer was promised");

// she sends everything back, and has her money again
const lines = delivered.lines.map(({ sku, quantity }) => ({ sku, quantity, reason: "changed_mind" as const }));
const returned = good(await customer.POST("/v1/returns", { body: { order_number: order.number, lines } }));
console.log(`returned ${returned.number}`);
const closed = await until(
  () => customer.GET("/v1/returns/{number}", { params: { path: { number: returned.number } } }),
  ({ status }) => status === "closed",
);
const address: string | undefined = closed.instructions?.line1;
expect(address !== undefined, "she was told where to send it");
expect(closed.refund.claims.every((claim) => claim.status === "settled"), "every claim is settled");
expect(closed.refund.settled.amount === order.totals.goods.amount, "all of the money");
const { refunds } = good(await customer.GET("/v1/orders/{number}", inOrder));
const paidBack: string[] = refunds.map((refund) => refund.amount.amount);
console.log(`refunded ${paidBack.join(" ")}`);

/** Read server-sent events until one of this type. */
async function heard(stream: ReadableStream<Uint8Array>, type: string): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of stream) {
    text += decoder.decode(piece, { stream: true });
    if (text.includes(`"type":"${type}"`)) return;
  }
  throw new Error(`the stream ended before ${type}`);
}
