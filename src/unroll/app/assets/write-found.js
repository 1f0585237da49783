// The texts that a beam search kept.
import { surprise } from "./colour.js";
import { el, number } from "./dom.js";

/** Fill the list; return what is to be said of it. */
export function showFound(list, { prompt, until, beams }, goOnFrom) {
  list.replaceChildren(...beams.map((beam) => el("li", {}, row({ prompt, until }, beam, goOnFrom))));
  const best = beams[0];
  return best
    ? `${beams.length} ${beams.length === 1 ? "text" : "texts"}; the likeliest at ${number(best.nats_per_char / Math.LN2, 2)} bits a character`
    : "no text has a probability above zero";
}

function row({ prompt, until }, beam, goOnFrom) {
  const letters = [...beam.text].map((symbol, n) => {
    const span = el("span", {}, symbol);
    span.style.background = surprise(beam.probabilities[n]);
    return span;
  });
  const before = [...prompt].slice(-40).join("");
  const bits = `${number(beam.nats_per_char / Math.LN2, 2)} bits a character, ${number(-beam.log_probability_nats / Math.LN2, 1)} in all`;
  const score = until === null ? bits : `${bits}; ${beam.ended ? "ended" : "cut off"}`;
  return el(
    "button", { type: "button", onclick: () => goOnFrom(beam) },
    el("span", { class: "writing" }, el("b", {}, before), ...letters),
    el("span", { class: "soft" }, score),
  );
}
