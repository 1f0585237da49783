// Elements made of values. Text only ever enters as text: a book that holds markup stays a book.

/** Return a new element; `on…` are listeners, `data` its dataset, others attributes or properties. */
export function el(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  fill(element, given);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** The same for a drawing. */
export function svg(tag, given = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  fill(element, given);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function fill(element, given) {
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, value);
  }
}

export const byId = (id) => document.getElementById(id);

/** Say what went wrong, or take it away: one line above the page's content. */
export function notice(text) {
  const place = byId("notice");
  place.textContent = text ?? "";
  place.hidden = !text;
}

/** Call `task` once things have been quiet for `ms`. */
export function settled(task, ms = 120) {
  let waiting;
  return (...values) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => task(...values), ms);
  };
}

/** A number as the report writes it: thousands by commas, a true minus. */
export function number(value, digits = 0) {
  const text = value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return text.replace("-", "−");
}
