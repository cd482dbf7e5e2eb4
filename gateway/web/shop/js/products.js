// The list of products: the server writes it; this adds the day of arrival.

import "./frame.js";
import { showArrival } from "./arrival.js";

showArrival().catch(() => null); // what the server wrote stays: it holds for every country
