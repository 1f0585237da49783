// The page Remember: a palindrome goes through a network, and its last digit is asked for.
import { latest, post, stream } from "./api.js";
import { chooseNetwork } from "./chooser.js";
import { byId, notice, number, settled } from "./dom.js";
import { showAnswer, showScore } from "./remember-answer.js";
import { Curve } from "./remember-curve.js";
import { Digits, LONGEST } from "./remember-digits.js";
import { Influence, scientific } from "./remember-influence.js";
import { Maps } from "./remember-maps.js";

const ENCODINGS = { scalar: "as one number", "one-hot": "one-hot" };

let network = null;
let answer = null;
let lengths = [];
let scores = new Map();
const asking = latest();
const scoring = latest();
let sweeping = null;

const slider = byId("length");
const digits = new Digits(byId("digits"), byId("mirror"), (typed, changed) => ask({ digits: typed }, changed));
const curve = new Curve(byId("curve"), (length) => slideTo(length));
const influence = new Influence(byId("influence"), point);
const maps = new Maps(point);

/** A new seed for what is drawn next: any whole number will do. */
const seed = () => crypto.getRandomValues(new Uint32Array(1))[0];

/** Ask for an answer; `changed` says what a reader has changed in the digits of the one before. */
async function ask(what, changed = null) {
  const signal = asking();
  const before = changed ? answer : null;
  byId("stage").ariaBusy = "true";
  try {
    const found = await post("remember", { network: network.id, seed: seed(), ...what }, signal);
    if (signal.aborted) return;
    show(found, before, changed);
    if (!scores.has(found.digits.length)) measure(found.digits.length);
  } catch (error) {
    fail(error);
  }
}

function show(found, before, changed) {
  notice(null);
  answer = found;
  byId("stage").hidden = false;
  byId("stage").ariaBusy = "false";
  const T = found.digits.length;
  setSlider(T);
  digits.show(found.digits, found.is_right);
  byId("odd").textContent = found.remark ?? "";
  showAnswer(found, before, changed);
  influence.show(found, network.cell);
  maps.show(found);
  point(null);
  showScore(scores.get(T), T);
  curve.show(scores, network, T);
}

async function measure(length) {
  const signal = scoring();
  const mine = network;
  try {
    const score = await post("remember/accuracy", { network: mine.id, length, seed: seed() }, signal);
    keep(mine, score);
  } catch (error) {
    if (!signal.aborted) byId("score").textContent = "";
    fail(error);
  }
}

function keep(mine, score) {
  if (mine !== network) return;
  scores.set(score.length, score);
  const T = answer?.digits.length;
  if (score.length === T) showScore(score, T);
  curve.show(scores, network, T);
}

/** Measure one length after another; the same button ends it. */
async function sweep() {
  if (sweeping) return sweeping.abort();
  const mine = network;
  const mySweep = new AbortController();
  sweeping = mySweep;
  byId("sweep").textContent = "Stop measuring";
  const passed = [];
  try {
    await stream("remember/sweep", { network: mine.id, seed: seed() }, (score) => {
      if (score.error) throw new Error(score.error);
      if (mySweep.signal.aborted) return;
      keep(mine, score);
      if (score.passed) passed.push(score.length);
      if (score.done) byId("horizon").textContent = horizon(score, passed);
    }, mySweep.signal);
  } catch (error) {
    fail(error);
  }
  sweeping = null;
  byId("sweep").textContent = "Measure all T";
}

function horizon({ criterion, last_passed: last, first_failed: first }, passed) {
  const rule = `passed means ${number(100 * criterion)}% or more of the palindromes tried`;
  if (first === null) return `It passed at every T measured here, up to ${number(last)} (${rule}).`;
  const until = last === null ? "It fails at the first T measured," : `It passed up to T = ${number(last)} and fails first at`;
  const later = passed.filter((length) => length > first).map((length) => number(length));
  const again = later.length ? ` Further on it passed at ${later.join(", ")}.` : "";
  return `${until} ${number(first)} (${rule}).${again}`;
}

function fail(error) {
  if (error.name === "AbortError") return;
  byId("stage").ariaBusy = "false";
  notice(error.message);
}

/** Put the one cursor of all drawings at step t; null takes it away. */
function point(t, from = null) {
  influence.point(t);
  maps.point(t, from);
  digits.point(t);
  byId("readout").textContent = t === null ? "Move over a drawing, or use the arrow keys in it: what happens at one step is said here." : readout(t);
}

function readout(t) {
  const norms = Object.entries(answer.influence.parts).map(([part, { log10 }]) => `‖∂ℓ/∂${part}‖ = ${norm(log10[t - 1])}`);
  const means = Object.entries(answer.parts).map(([part, { kind, means: mean }]) =>
    kind === "share" ? `${part} ${number(mean[t - 1], 2)}` : `|${part}| ${number(mean[t - 1], 2)}`);
  return `t = ${t}: reads ${answer.digits[t - 1]} · ${norms.join(", ")} · mean ${means.join(", ")}`;
}

const norm = (log10) => (log10 === null ? "0 exactly: it underflowed" : scientific(10 ** (log10 - Math.floor(log10)), Math.floor(log10)));

/** The lengths of the slider: every one while they are few, further apart later. */
function ladder(own) {
  const from = [[2, 30, 1], [35, 100, 5], [110, 200, 10], [225, 500, 25], [550, LONGEST, 50]];
  const all = from.flatMap(([low, high, step]) => Array.from({ length: (high - low) / step + 1 }, (_, i) => low + i * step));
  return [...new Set([...all, Math.min(own, LONGEST)])].sort((a, b) => a - b);
}

const nearest = (T) => lengths.reduce((best, length, i) => (Math.abs(length - T) < Math.abs(lengths[best] - T) ? i : best), 0);

function setSlider(T) {
  slider.value = nearest(T);
  sayLength(T);
}

function sayLength(T) {
  const trained = T === network.trained_length ? " (trained)" : "";
  byId("length-shown").textContent = `${number(T)}${trained}`;
  slider.setAttribute("aria-valuetext", `${T} digits`);
}

const drawSoon = settled((length) => ask({ length }));

function slideTo(length) {
  setSlider(length);
  drawSoon(length);
}

function take(chosen) {
  network = chosen;
  answer = null;
  scores = new Map();
  scoring();
  sweeping?.abort();
  byId("horizon").textContent = "Each T that is tried becomes a point, with its 95% interval: slide, or measure all.";
  byId("about").textContent =
    `${chosen.cell.toUpperCase()}, ${number(chosen.hidden_size)} units, trained at T = ${number(chosen.trained_length)} ` +
    `by recipe ${chosen.recipe}; a digit enters ${ENCODINGS[chosen.encoding] ?? chosen.encoding}.`;
  lengths = ladder(chosen.trained_length);
  slider.max = lengths.length - 1;
  for (const id of ["length", "draw", "sweep"]) byId(id).disabled = false;
  const length = Math.min(chosen.trained_length, LONGEST);
  setSlider(length);
  ask({ length });
}

slider.addEventListener("input", () => {
  const length = lengths[Number(slider.value)];
  sayLength(length);
  drawSoon(length);
});
byId("draw").addEventListener("click", () => ask({ length: answer?.digits.length ?? lengths[Number(slider.value)] }));
byId("sweep").addEventListener("click", sweep);

chooseNetwork(byId("network"), take).catch(fail);
