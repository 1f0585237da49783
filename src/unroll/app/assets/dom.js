// Elements made of values. Text only ever enters as text: a book that holds markup stays a book.
//
//   el(tag, given, ...children)   a new element      svg(…)  the same for a drawing
//   byId(id)   notice(problem)   lasting(problem)   say(text)   tell(place, text)   settled(task, ms)   number(value, digits)
//   swap(place, ...children)   fillSelect(select, options, chosen)   showRange(input)   isStill()
//   superscript(power)   bytesOf(base64)
import { isAnswering } from "./api.js";

/** Return a new element; `on…` are listeners, `data` its dataset, others attributes. */
export function el(tag, given = {}, ...children) {
  return filled(document.createElement(tag), given, children);
}

const SVG = "http://www.w3.org/2000/svg";

/** The same for a drawing. */
export function svg(tag, given = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), given, children);
}

function filled(element, given, children) {
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "data") Object.assign(element.dataset, value);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

export const byId = (id) => document.getElementById(id);

const AGAIN_MS = 2000;
const UNEXPECTED =
  "This page has met what it was not made for: reload it. If unroll was changed meanwhile, start unroll app again, too.";

/** Say what went wrong, or take it away (null): one line above the page's content. */
export function notice(problem) {
  write("notice", problem);
}

/** Say what stays true however the page goes on, or take it away (null). */
export function lasting(problem) {
  write("lasting", problem);
}

function write(place, problem) {
  const text = problem instanceof Error ? wordsOf(problem) : problem;
  byId(place).textContent = text ?? "";
  byId(place).hidden = !text;
  if (problem?.isUnanswered && !awaited.has(place)) awaitAnswer(place, text);
}

const awaited = new Set();

/** That nobody answers is only said as long as it is so. */
async function awaitAnswer(place, text) {
  const isSaid = () => byId(place).textContent === text;
  awaited.add(place);
  do await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  while (isSaid() && !(await isAnswering()));
  awaited.delete(place);
  if (isSaid()) write(place, null);
}

/** A refusal's own words; of a mistake in the page, what a reader can do. */
function wordsOf(error) {
  if (error.constructor === Error) return error.message;
  console.error(error);
  return UNEXPECTED;
}

/** Tell a screen reader what has changed on the page, when it has nothing else to say. */
export function say(text) {
  byId("spoken").textContent = text;
}

/** Write a text that is read aloud when it changes: the same again is not read again. */
export function tell(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/** Call `task` once things have been quiet for `ms`. */
export function settled(task, ms = 120) {
  let waiting;
  return (...values) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => task(...values), ms);
  };
}

const REACHABLE = "button, input, select, summary, a[href], [tabindex]";

/** Replace what is in a place; the focus and how far tables are scrolled stay where they were. */
export function swap(place, ...children) {
  const focused = [...place.querySelectorAll(REACHABLE)].indexOf(document.activeElement);
  const before = [...place.querySelectorAll(".scroll")].map((one) => [one.scrollLeft, one.hasAttribute("tabindex")]);
  place.replaceChildren(...children);
  place.querySelectorAll(".scroll").forEach((scroller, i) => {
    const [left, isReachable] = before[i] ?? [0, false];
    scroller.scrollLeft = left;
    if (isReachable) scroller.tabIndex = 0;
  });
  const reachable = [...place.querySelectorAll(REACHABLE)];
  if (focused >= 0) reachable[Math.min(focused, reachable.length - 1)]?.focus({ preventScroll: true });
}

/** Fill a <select> with [value, title] pairs; one that is open is left alone where nothing is new. */
export function fillSelect(select, options, chosen) {
  const isNew = ([value, title], n) => select.options[n].value !== value || select.options[n].text !== title;
  if (select.options.length !== options.length || options.some(isNew)) {
    select.replaceChildren(...options.map(([value, title]) => el("option", { value }, title)));
  }
  select.value = chosen;
  select.disabled = false;
}

/** A number as the report writes it: thousands by commas, a true minus. */
export function number(value, digits = 0) {
  const text = value.toLocaleString("en-GB", { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return text.replace("-", "−");
}

const SUPERSCRIPTS = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };

/** A whole number as a power is written: −12 as ⁻¹². */
export const superscript = (power) => [...String(power)].map((letter) => SUPERSCRIPTS[letter]).join("");

/** The bytes that the server has sent as base64. */
export const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));

/** Write a range's value, with the unit of its <output>, into the label around it. */
export function showRange(input) {
  const output = input.closest(".range")?.querySelector("output");
  if (output) output.textContent = input.value.replace("-", "−") + (output.dataset.unit ?? "");
}

/** Whether the reader has asked for no motion. */
export const isStill = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
