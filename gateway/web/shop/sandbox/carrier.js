// The sandbox carrier's desk: what happens to a parcel, told by its real webhook. Development only.

import "/web/shop/js/frame.js";
import { Problem, call } from "/web/js/api.js";
import { html, nothing, render } from "/web/design/vendor/lit-3.3.3.js";

const place = document.getElementById("carrier");
const LOOKS = 40; // so often, a quarter of a second apart, it is looked whether a scan has arrived
let parcels = null;
let moves = [];
let said = "";
let busy = false;
let asked = new URLSearchParams(location.search).get("q") ?? "";

const words = (code) => code.charAt(0).toUpperCase() + code.slice(1).replaceAll("_", " ");

async function look() {
  const found = await call("GET", `/sandbox/carrier/parcels${asked ? `?q=${encodeURIComponent(asked)}` : ""}`);
  parcels = found.items;
  moves = found.moves;
}

async function move(parcel, { move: name, label }) {
  busy = true;
  said = "";
  draw();
  try {
    const before = parcel.last_event_at;
    await call("POST", "/sandbox/carrier/scans", { body: { tracking_number: parcel.tracking_number, move: name } });
    for (let count = 0; count < LOOKS; count += 1) {
      await look();
      const now = parcels.find(({ id }) => id === parcel.id);
      if (!now || now.last_event_at !== before) break;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    said = `${parcel.tracking_number}: ${label.toLowerCase()}.`;
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    said = problem.detail;
  }
  busy = false;
  draw();
}

const row = (parcel) => html`<li class="card" aria-label=${parcel.tracking_number}>
  <div class="row"><b>${parcel.tracking_number}</b><span class="soft">${parcel.to}</span><span class="state" data-status=${parcel.status}>${words(parcel.status)}</span></div>
  <p class="small soft">Order ${parcel.order_number}, shipment ${parcel.shipment_number}, handed to ${parcel.carrier}</p>
  <div class="row">${moves.map((each) => html`<button type="button" class="btn second" ?disabled=${busy} @click=${() => move(parcel, each)}>${each.label}<span class="unseen"> ${parcel.tracking_number}</span></button>`)}</div></li>`;

function find(event) {
  event.preventDefault();
  asked = event.currentTarget.elements.q.value.trim();
  look().then(draw);
}

function draw() {
  place.removeAttribute("aria-busy");
  render(html`<div class="stack"><p class="lead">Each button is a scan. It is sent to the shop as a carrier sends it: signed, by webhook, and perhaps refused. Parcels come here when the warehouse hands them over.</p>
    <form class="searchbar" role="search" @submit=${find}><label class="unseen" for="q">Number of an order, a shipment or a parcel</label><input id="q" name="q" type="search" .value=${asked} placeholder="Order, shipment or parcel"><button class="btn second">Find</button></form>
    <p role="status" id="said">${said}</p>
    ${parcels.length ? html`<ul class="stack" aria-label="Parcels">${parcels.map(row)}</ul>` : html`<p>No parcel is on its way${asked ? " with that number" : ""}. Pack one at the <a href="/desk/pack">pack station</a>.</p>`}
    ${nothing}</div>`, place);
}

await look();
draw();
addEventListener("focus", () => busy || look().then(draw));
