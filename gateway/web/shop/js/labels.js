// What the parts of an address are called: the API names them in English, each country's as its post does.

import { t } from "/web/design/texts.js";

const LABELS = {
  "Full name": t("Full name"),
  Company: t("Company"),
  "Street and house number": t("Street and house number"),
  "Apartment, floor, building": t("Apartment, floor, building"),
  "Postal code": t("Postal code"),
  "ZIP code": t("ZIP code"),
  "PIN code": t("PIN code"),
  Eircode: t("Eircode"),
  "City or town": t("City or town"),
  "Town or city": t("Town or city"),
  "Province or city": t("Province or city"),
  Area: t("Area"),
  County: t("County"),
  Department: t("Department"),
  District: t("District"),
  Emirate: t("Emirate"),
  Island: t("Island"),
  Oblast: t("Oblast"),
  Parish: t("Parish"),
  Prefecture: t("Prefecture"),
  Province: t("Province"),
  State: t("State"),
  Suburb: t("Suburb"),
};

export const labelOf = (label) => LABELS[label] ?? label;
