// What of a text stands in its book word for word.
import { post } from "./api.js";
import { number } from "./dom.js";
import { writtenFrom } from "./write-text.js";

export class Copies {
  constructor(place) {
    this.place = place;
    this.refused = null;
  }

  /** Look a text up as far as it is written; a run that cannot be looked up in is asked once. */
  async look(text, run) {
    const first = writtenFrom(text);
    const written = text.letters.slice(first).map((letter) => letter.text).join("");
    if (this.refused === run.id || !written) return;
    try {
      const found = await post("copies", { run: run.id, text: written });
      this.refused = null;
      if (text.passages && text.passages.characters > found.characters) return;
      text.passages = { ...found, book: run.book, at: places(found.spans, first, run.book) };
    } catch (error) {
      if (error.status === 503) this.refused = run.id;
      this.place.textContent = error.message;
    }
  }

  passageAt(text, n) {
    return text.passages?.at.get(n);
  }

  say(text) {
    const found = text.passages;
    if (this.refused && !found) return;
    this.place.textContent = found
      ? `longest copy of the book: ${number(found.longest)} characters; ${number(100 * found.share)}% in spans of ${found.shared} or more`
      : "";
  }
}

function places(spans, first, book) {
  const at = new Map();
  for (const span of spans) {
    for (let n = span.start; n < span.start + span.length; n += 1) at.set(first + n, { ...span, book });
  }
  return at;
}
