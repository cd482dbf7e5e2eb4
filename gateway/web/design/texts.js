const filled = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => (values && name in values ? values[name] : whole));
export const t = (text, values) => filled(text, values);
export const tn = (one, many, n, values) => filled(n === 1 ? one : many, { n, ...values });
export const parts = (text, values) => text.split(/(\{\w+\})/).map((each) => (/^\{\w+\}$/.test(each) && each.slice(1, -1) in values ? values[each.slice(1, -1)] : each));
export const language = document.documentElement.lang || "en";
export const locale = "en-GB";
