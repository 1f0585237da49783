// A text of the reader's own, or the held-out passage.
import { byId, number, tell } from "./dom.js";

const LONGEST = 5000; // characters, as the server counts them

/** `read(text)` hears of a text to be read; null asks for the held-out passage. */
export function ownText(read) {
  const box = byId("own-text");
  const choose = (text) => {
    byId("back").disabled = text === null;
    read(text);
  };
  byId("own").addEventListener("submit", (event) => {
    event.preventDefault();
    const lack = lackOf(box.value);
    tell(byId("own-said"), lack);
    if (!lack) choose(box.value);
  });
  box.addEventListener("input", () => tell(byId("own-said"), ""));
  byId("back").addEventListener("click", () => choose(null));
}

function lackOf(text) {
  const length = Array.from(text).length;
  if (length === 0) return "There is no text: write at least one character.";
  if (length > LONGEST) return `It has ${number(length)} characters and was not read: shorten it to ${number(LONGEST)}.`;
  return "";
}
