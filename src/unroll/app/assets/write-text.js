// A text: what it begins with, and each character with what the model thought of it.
//
//   head       the beginning of a very long prompt, which is shown and not scored
//   letters    { text, probability, alternatives: [[symbol, p], …], drawn, part }, one a character;
//              part is "prompt", "written" or "chosen" (by the reader, among alternatives)
//   isDone     whether it has come to its end
//   isCut      whether it broke off before
//   notes      what a reader should know of how it begins
//   how        what it was asked of and with: run and stage, both in words, and for the address
//   passages   what stands in the book; null before it was looked up
//   isChosen   whether the reader had a hand in it beyond the prompt

export const emptyText = (prompt) => ({
  prompt, head: "", letters: [], toRead: [], isDone: false, isCut: false, passages: null, isChosen: false, notes: "", how: null,
});

export const letterOf = ({ text, probability, alternatives, drawn }, part) => ({ text, probability, alternatives, drawn, part });

/** The server has told the prompt: `told` of its characters will come with their probabilities. */
export function begun(text, { prompt, told }) {
  const letters = [...prompt];
  text.head = letters.slice(0, letters.length - told).join("");
  text.toRead = letters.slice(letters.length - told);
}

/** A text up to the place `n`, where the reader prefers another character. */
export function changedAt(text, n, [symbol, probability]) {
  const { alternatives } = text.letters[n];
  const chosen = { text: symbol, probability, alternatives, part: "chosen" };
  return { ...emptyText(null), head: text.head, isChosen: true, letters: [...text.letters.slice(0, n), chosen] };
}

/** One of the texts that a search found. */
export function found(prompt, { text, probabilities }) {
  const unscored = { probability: null, alternatives: [] };
  const before = [...prompt].map((symbol) => letterOf({ ...unscored, text: symbol }, "prompt"));
  const letters = [...text].map((symbol, n) => letterOf({ ...unscored, text: symbol, probability: probabilities[n] }, "written"));
  return { ...emptyText(null), isChosen: true, letters: [...before, ...letters] };
}

/** The text as it stands; null while nothing of it is known. */
export const plain = (text) => (text.letters.length ? text.head + text.letters.map((one) => one.text).join("") : null);

/** Where the model's own part begins. */
export function writtenFrom(text) {
  const first = text.letters.findIndex((letter) => letter.part !== "prompt");
  return first < 0 ? text.letters.length : first;
}

/** How many characters the model wrote, whenever it did, and their mean surprise in bits. */
export function sumOf(text) {
  const own = text.letters.filter(({ part }) => part === "written");
  const bits = own.reduce((sum, { probability }) => sum - Math.log2(probability), 0) / own.length;
  return { count: own.length, bits };
}

const NAMES = { "\n": "line end", " ": "space", "\t": "tab", "\ufffd": "unknown" };
const SIGNS = { "\n": "↵", " ": "␣", "\t": "⇥" };

/** A character as it can be seen, and as it is read aloud. */
export const sign = (symbol) => SIGNS[symbol] ?? symbol;
export const spoken = (symbol) => NAMES[symbol] ?? symbol;

/** A probability: enough figures to tell it from none. */
export function percent(p) {
  if (p >= 0.9995) return "100%";
  if (p >= 0.1) return `${(100 * p).toFixed(0)}%`;
  if (p >= 0.0005) return `${(100 * p).toFixed(1)}%`;
  return p > 0 ? "<0.1%" : "0%";
}
