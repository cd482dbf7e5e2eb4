// What stands in a form, as it is sent.

/** The texts of a form's fields by their names, without blanks around them. */
export const givenIn = (form) => Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));

/** The same, without what was left empty. */
export const filledIn = (form) => Object.fromEntries(Object.entries(givenIn(form)).filter(([, value]) => value));
