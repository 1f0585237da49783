// Words on networks and their scores that stand beside the drawings.
import { number } from "./dom.js";
import { LONGEST } from "./remember-digits.js";

const CHANCE = 0.1;
const ENCODINGS = { scalar: "scalar digits", "one-hot": "one-hot digits" };
const TUNED = "trained at one T with scalar digits, at the best of four learning rates";
const RECIPES = {
  assignment: "trained at one T with scalar digits",
  "assignment-tuned": TUNED,
  learned: "taught one-hot digits, while T grew as it learned",
};

/** How large a network is, how it was trained, and whether that came to anything. */
export function about(network) {
  const { recipe, hidden_size: units, encoding, accuracy, trained_length: length } = network;
  const by = RECIPES[recipe] ? `${RECIPES[recipe]} (recipe ${recipe})` : `${ENCODINGS[encoding] ?? encoding}, by no recipe's values`;
  const own = `At its own T = ${number(length)} it answers ${percent(accuracy)} right`;
  const end = accuracy < 1.5 * CHANCE ? `${own}, and guessing gives 10%: it has learned next to nothing.` : `${own}.`;
  return `${number(units)} units, ${by}. ${end}`;
}

/** A few words for the address, by which another machine finds a network like this one. */
export const likeness = ({ cell, trained_length: length, recipe }) => `${cell}-${length}-${recipe}`;

/** What is to be done with the slider. */
export function aim(scores, { recipe }) {
  if (!scores.get(LONGEST)?.passed) return "Slide T until it fails.";
  const other = recipe === "assignment" ? "" : " One trained at a fixed T fails sooner.";
  return `It still passes at ${number(LONGEST)}, where the slider ends.${other}`;
}

/** What a measurement of many lengths has found; `measured` are its scores, by length. */
export function summary(measured, criterion, { trained_length: own }) {
  const rule = `passed means ${percent(criterion)} or more of the palindromes tried`;
  const among = (wanted) => measured.filter(({ passed }) => passed === wanted).map(({ length }) => number(length));
  const [passed, failed] = [among(true), among(false)];
  const tried = `the ${number(measured.length)} T measured, ${number(measured[0].length)} to ${number(measured.at(-1).length)}`;
  if (!failed.length) return `It passed at all of ${tried} (${rule}).`;
  if (passed.length) return `It passed at T = ${passed.join(", ")} and failed at ${failed.join(", ")} (${rule}).`;
  const at = measured.find(({ length }) => length === own);
  const even = at ? ` Even at its own T = ${number(own)} it answers ${percent(at.accuracy)} right${guessed(at)}.` : "";
  return `It passed at none of ${tried} (${rule}).${even}`;
}

const guessed = ({ low, high }) => (low <= CHANCE && high >= CHANCE ? ", no more than by guessing" : "");
const percent = (share) => `${number(100 * share, share < 1 && share > 0.99 ? 2 : 0)}%`;
