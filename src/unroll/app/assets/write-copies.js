// What of a text stands in its book word for word.
import { post } from "./api.js";
import { number } from "./dom.js";
import { writtenFrom } from "./write-text.js";

export class Copies {
  constructor(place) {
    this.place = place;
    this.refused = null;
  }

  /** Look a text up as far as it is written; a run that cannot be looked up in is asked once a text. */
  async look(text, run) {
    const first = writtenFrom(text);
    const written = text.letters.slice(first).map((letter) => letter.text).join("");
    if (this.refused === run.id || text.notLookedUp || !written) return;
    try {
      const found = await post("copies", { run: run.id, text: written });
      this.refused = null;
      if (text.passages && text.passages.characters > found.characters) return;
      text.passages = { ...found, book: run.book, at: places(found.spans, first, run.book) };
    } catch (error) {
      // Where the server is gone, what broke the text off has said so.
      if (!error.status) return;
      // A package that is missing will be missing for the next text too.
      if (error.status === 503) this.refused = run.id;
      text.notLookedUp = error.message;
    }
  }

  passageAt(text, n) {
    return text.passages?.at.get(n);
  }

  say(text) {
    const found = text.passages;
    if (this.refused && !found && !text.notLookedUp) return;
    this.place.textContent = [found && told(found), text.notLookedUp].filter(Boolean).join("; not looked up to the end: ");
  }
}

function told({ prose, shortest, shared, spans }) {
  const signs = spans.some((span) => !span.is_prose) ? ", not counting what is mostly not letters" : "";
  if (!prose.longest) return `no ${shortest} characters in a row from the book${signs}`;
  return `longest copy of the book: ${number(prose.longest)} characters; ${number(100 * prose.share)}% in spans of ${shared} or more${signs}`;
}

function places(spans, first, book) {
  const at = new Map();
  for (const span of spans) {
    for (let n = span.start; n < span.start + span.length; n += 1) at.set(first + n, { ...span, book });
  }
  return at;
}
