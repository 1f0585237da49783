// What the network answers: the verdict, the answer before, ten bars, and how often it is right.
import { byId, el, number } from "./dom.js";

const percent = (share, digits = 0) => `${number(100 * share, digits)}%`;
const sure = ({ prediction, probabilities }) => {
  const share = probabilities[prediction];
  return share >= 0.9995 ? "more than 99.9%" : percent(share, 1);
};
/** Of ten shares the largest may be small. */
const reason = ({ prediction, probabilities }) => {
  return probabilities[prediction] < 0.5 ? ": little, but the largest of the ten, and so its answer" : "";
};
const HINT = "Change a digit, near the end or far back: the answer before stays beside the new one.";

/** Show an answer; `before` is the one to the row before a digit was changed, `changed` says how. */
export function showAnswer(answer, before, changed) {
  const { prediction, is_right: isRight } = answer;
  byId("verdict").replaceChildren(
    el("span", { class: isRight ? "said right" : "said wrong" }, String(prediction)),
    el("span", { class: "word" }, word(answer)),
    el("span", { class: "sure" }, `with probability ${sure(answer)}${reason(answer)}`),
  );
  byId("before").textContent = before ? told(answer, before, changed) : HINT;
  byId("bars").replaceChildren(...answer.probabilities.map((share, digit) => bar(share, digit, answer, before)));
  document.querySelector(".bars-key").textContent =
    `Dotted: the right digit.${before ? " Thin line: the answer before." : ""}`;
}

function word({ is_palindrome: isPalindrome, is_right: isRight, asked }) {
  if (!isPalindrome) return isRight ? "is the last digit" : `is not the last digit, ${asked}`;
  return isRight ? "right" : `wrong: it was ${asked}`;
}

function told(answer, before, changed) {
  const way = answer.prediction === before.prediction ? "The answer is the same" : "The answer has changed";
  const what = changed.startsWith("digit") ? ` (${changed})` : "";
  return `${way}. Before: ${before.prediction} at ${sure(before)}${what}.`;
}

function bar(share, digit, answer, before) {
  const fill = el("i", { class: "fill", "aria-hidden": "true" });
  fill.style.setProperty("--share", share);
  const line = before?.probabilities[digit] >= 0.005 ? el("i", { class: "was", "aria-hidden": "true" }) : null;
  line?.style.setProperty("--share", before.probabilities[digit]);
  const names = [digit === answer.asked ? "asked" : "", digit === answer.prediction ? "said" : ""];
  const words = `: ${percent(share, 1)}${digit === answer.asked ? ", right" : ""}`;
  return el("li", { class: names.join(" ").trim() || null, title: `${digit}${words}` },
    el("span", { class: "column" }, fill, line), el("span", { class: "name" }, String(digit)),
    el("span", { class: "unseen" }, words));
}

/** Show how often the network is right at T; `score` is undefined while that is measured. */
export function showScore(score, { digits, is_palindrome: isPalindrome }) {
  const T = digits.length;
  const place = byId("score");
  if (!score) {
    place.textContent = `Measuring how often it is right at T = ${number(T)} …`;
    return;
  }
  const { right, of, accuracy, low, high, is_all: isAll, passed, held_out: isHeldOut } = score;
  const range = isAll ? "" : ` (95% interval ${number(100 * low, 1)} to ${percent(high, 1)})`;
  const which = isAll ? `all ${number(of)}` : isHeldOut ? `${number(of)} fresh` : number(of);
  place.replaceChildren(
    el("strong", {}, passed ? `At T = ${number(T)} it passes.` : `At T = ${number(T)} it fails.`),
    ` Of ${which} palindromes it answers ${number(right)} right: ${percent(accuracy, 1)}${range}. `,
    verdictOfChance(score),
    isHeldOut ? "" : "There are so few of this length that training may have met these too. ",
    isPalindrome ? "" : "The row above is none.",
  );
}

function verdictOfChance({ low, high }) {
  if (high < 0.1) return "That is below chance: it still tells first digits apart, and names the wrong ones. ";
  return low <= 0.1 ? "Guessing may give that too. " : "";
}
