// The page Remember: a palindrome goes through a network, and its last digit is asked for.
import { remember, remembered } from "./address.js";
import { get, latest, post, stream } from "./api.js";
import { chooseNetwork } from "./chooser.js";
import { byId, notice, number, settled } from "./dom.js";
import { showAnswer, showScore } from "./remember-answer.js";
import { Curve } from "./remember-curve.js";
import { Digits, isPalindrome, LONGEST, rowOf } from "./remember-digits.js";
import { Influence, scientific } from "./remember-influence.js";
import { Maps } from "./remember-maps.js";
import { about, aim, likeness, summary } from "./remember-words.js";

let network = null;
let answer = null;
let lengths = [];
let scores = new Map();
const asking = latest();
const scoring = latest();
let sweeping = null;

const slider = byId("length");
const MEASURE = byId("sweep").textContent;
const digits = new Digits(byId("digits"), byId("mirror"), (typed, changed) => ask({ digits: typed }, changed));
const curve = new Curve(byId("curve"), (length) => slideTo(length));
const influence = new Influence(byId("influence"), point);
const maps = new Maps(point);

/** A new seed for what is drawn next: any whole number will do. */
const seed = () => crypto.getRandomValues(new Uint32Array(1))[0];

/** Ask for an answer; `changed` says what a reader has changed in the digits of the one before. */
async function ask(what, changed = null) {
  const signal = asking();
  if (!what.digits) digits.say(null);
  const before = changed ? answer : null;
  byId("stage").ariaBusy = "true";
  try {
    const found = await post("remember", { network: network.id, seed: seed(), ...what }, signal);
    if (signal.aborted) return;
    show(found, before, changed);
    if (!scores.has(found.digits.length)) measure(found.digits.length);
  } catch (error) {
    if (!signal.aborted) stayBefore();
    fail(error);
  }
}

/** What stands here is not what was asked for: nothing of it may look like the answer. */
function stayBefore() {
  byId("stage").ariaBusy = "false";
  byId("stage").classList.add("old");
  byId("before").textContent = "Still the answer before: the new one has not come.";
  if (answer) setSlider(answer.digits.length);
}

function show(found, before, changed) {
  notice(null);
  answer = found;
  remember("digits", found.digits.join(""));
  byId("stage").hidden = false;
  byId("stage").ariaBusy = "false";
  byId("stage").classList.remove("old");
  const T = found.digits.length;
  setSlider(T);
  digits.show(found.digits, found.is_right);
  byId("odd").textContent = found.remark ?? "";
  showAnswer(found, before, changed);
  influence.show(found, network.cell);
  maps.show(found);
  point(null);
  showScore(scores.get(T), found);
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
  if (score.length === T) showScore(score, answer);
  byId("aim").textContent = aim(scores, network);
  curve.show(scores, network, T);
}

/** Measure one length after another; the same button ends it. */
async function sweep() {
  if (sweeping) return sweeping.abort();
  const mine = network;
  const mySweep = new AbortController();
  sweeping = mySweep;
  byId("sweep").textContent = "Stop measuring";
  const measured = [];
  try {
    await stream("remember/sweep", { network: mine.id, seed: seed() }, (score) => {
      if (score.error) throw new Error(score.error);
      if (mySweep.signal.aborted) return;
      keep(mine, score);
      measured.push(score);
      if (score.done) byId("horizon").textContent = summary(measured, score.criterion, mine);
    }, mySweep.signal);
  } catch (error) {
    fail(error);
  }
  sweeping = null;
  byId("sweep").textContent = MEASURE;
}

function fail(error) {
  if (error.name !== "AbortError") notice(error);
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
  // A choice in the list begins anew; what the browser's Back leads to has its own row.
  const isOfAddress = network === null || remembered("like") === likeness(chosen);
  network = chosen;
  answer = null;
  scores = new Map();
  scoring();
  sweeping?.abort();
  byId("horizon").textContent = "Each T that is tried becomes a point, with its 95% interval: slide, or measure many.";
  byId("about").textContent = about(chosen);
  byId("aim").textContent = aim(scores, chosen);
  remember("like", likeness(chosen));
  lengths = ladder(chosen.trained_length);
  slider.max = lengths.length - 1;
  for (const id of ["length", "draw", "sweep"]) byId(id).disabled = false;
  const length = Math.min(chosen.trained_length, LONGEST);
  setSlider(length);
  const wanted = isOfAddress ? remembered("digits") : null;
  const row = rowOf(wanted);
  ask(row ? { digits: row } : { length });
  if (row) byId("mirror").checked = isPalindrome(row);
  else if (wanted !== null) digits.say(`The address must have 2 to ${number(LONGEST)} digits: shown is a new palindrome.`);
}

/** An address of another machine names a network by an id of there: take the one that is like it. */
async function findAlike() {
  const [wanted, like] = [remembered("network"), remembered("like")];
  if (!wanted || !like) return;
  const { networks } = await get("networks");
  const alike = networks.find((one) => likeness(one) === like);
  if (alike && !networks.some(({ id }) => id === wanted)) remember("network", alike.id);
}

slider.addEventListener("input", () => {
  const length = lengths[Number(slider.value)];
  sayLength(length);
  drawSoon(length);
});
byId("draw").addEventListener("click", () => ask({ length: answer?.digits.length ?? lengths[Number(slider.value)] }));
byId("sweep").addEventListener("click", sweep);

findAlike().then(() => chooseNetwork(byId("network"), take)).catch(fail);
