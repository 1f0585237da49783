// Values as colours, on light and on dark, the same in text, drawings and legends.
//
//   share(v)      0 … 1: paper to orange. For gates and shares.
//   surprise(p)   a probability: sure is quiet (paper), surprising strong. The scale is −log₂ p,
//                 full at 8 bits, that is p ≤ 1/256.
//   signed(v)     −1 … 1: blue below zero, orange above, blue the darker (on dark ground the
//                 dimmer) so that a grey print tells them apart.
// Each returns a CSS colour for a background, on which var(--ink) is readable, and which follows
// the scheme by itself: element.style.background = share(0.3).
//
//   legend(kind, from, to)   an element; kind "share", "surprise" or "signed", words at both ends;
//                            legend(kind, from, to, "drawing") for what ramp() has coloured
//   ramp(kind)    for canvases, deeper: 256 colours as [red, green, blue], lowest value first
//   onScheme(redraw, signal) calls when light becomes dark or dark light, until the signal
import { el } from "./dom.js";

const BITS = 8;
const within = (value, low, high) => Math.min(high, Math.max(low, Number.isFinite(value) ? value : 0));
const mixed = (end, part) => `color-mix(in srgb, var(--${end}) ${(100 * part).toFixed(1)}%, var(--paper))`;

export const share = (v) => mixed("share", within(v, 0, 1));
export const surprise = (p) => share(-Math.log2(within(p, 2 ** -BITS, 1)) / BITS);
export const signed = (v) => mixed(v < 0 ? "minus" : "plus", Math.abs(within(v, -1, 1)));

const STOPS = {
  text: {
    share: ["paper", "share"],
    surprise: ["paper", "share"],
    signed: ["minus", "paper", "plus"],
  },
  drawing: {
    share: ["paper", "share", "deep-share"],
    signed: ["deep-minus", "minus", "paper", "plus", "deep-plus"],
  },
};

export function legend(kind, from, to, ground = "text") {
  const bar = el("i", { "aria-hidden": "true" });
  const stops = STOPS[ground][kind].map((name) => `var(--${name})`);
  bar.style.background = `linear-gradient(to right, ${stops.join(", ")})`;
  return el("p", { class: "legend" }, el("span", {}, from), bar, el("span", {}, to));
}

export function ramp(kind) {
  const style = getComputedStyle(document.documentElement);
  const stops = STOPS.drawing[kind].map((name) => parsed(style.getPropertyValue(`--${name}`).trim()));
  return Array.from({ length: 256 }, (_, index) => {
    const place = (index / 255) * (stops.length - 1);
    const below = Math.min(Math.floor(place), stops.length - 2);
    const part = place - below;
    return stops[below].map((value, i) => Math.round(value + part * (stops[below + 1][i] - value)));
  });
}

function parsed(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

export function onScheme(redraw, signal) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw, { signal });
}
