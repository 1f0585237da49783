// One tooltip for the whole page, for pointer, keyboard and touch.
//
//   tip(element, contents)                contents(element) returns text, a node, or null for none
//   tips(container, selector, contents)   the same for all that match inside, now and later
//   hideTip()
//
// It shows while the pointer is on its target or on itself, while the target has the focus, or
// after a tap; Escape closes it. It stands below its target or above it, never over it. Buttons may
// be in it for the pointer; whatever they do must be possible by keyboard in another way.
import { el } from "./dom.js";

const GAP = 6;
const GRACE_MS = 140; // to cross from the target to the tip

const box = el("div", { id: "tip", role: "tooltip", hidden: true });
document.body.append(box);
let target = null;
let leaving;

export function tip(element, contents) {
  listen(element, () => element, contents);
}

export function tips(container, selector, contents) {
  listen(container, (event) => event.target.closest?.(selector), contents);
}

export function hideTip() {
  clearTimeout(leaving);
  target?.removeAttribute("aria-describedby");
  target = null;
  box.hidden = true;
}

function listen(element, find, contents) {
  const enter = (event) => {
    const found = find(event);
    if (found && element.contains(found)) show(found, contents);
  };
  element.addEventListener("pointerover", (event) => event.pointerType !== "touch" && enter(event));
  element.addEventListener("pointerout", (event) => event.pointerType !== "touch" && leave());
  element.addEventListener("focusin", (event) => event.target.matches(":focus-visible") && enter(event));
  element.addEventListener("focusout", leave);
  element.addEventListener("click", enter);
}

function show(found, contents) {
  clearTimeout(leaving);
  if (found === target) return;
  const inside = contents(found);
  hideTip();
  if (inside === null || inside === undefined) return;
  target = found;
  box.replaceChildren(inside);
  box.hidden = false;
  place();
  target.setAttribute("aria-describedby", "tip");
}

function place() {
  if (!target) return;
  const { bottom, top: highest } = target.getBoundingClientRect();
  if (bottom < 0 || highest > innerHeight || !target.isConnected) return hideTip();
  // A target of several lines is where it begins.
  const around = target.getClientRects()[0] ?? target.getBoundingClientRect();
  const isBelow = bottom + GAP + box.offsetHeight < innerHeight || around.top < box.offsetHeight + GAP;
  const top = isBelow ? bottom + GAP : around.top - GAP - box.offsetHeight;
  const left = Math.max(8, Math.min(around.left, document.documentElement.clientWidth - box.offsetWidth - 8));
  box.style.setProperty("left", `${left}px`);
  box.style.setProperty("top", `${top}px`);
}

function leave() {
  clearTimeout(leaving);
  leaving = setTimeout(hideTip, GRACE_MS);
}

box.addEventListener("pointerenter", () => clearTimeout(leaving));
box.addEventListener("pointerleave", leave);
document.addEventListener("keydown", (event) => event.key === "Escape" && hideTip());
document.addEventListener("pointerdown", (event) => {
  if (target && !target.contains(event.target) && !box.contains(event.target)) hideTip();
});
// What takes the focus is scrolled to, and its tip goes along.
addEventListener("scroll", place, { passive: true, capture: true });
addEventListener("resize", place);
