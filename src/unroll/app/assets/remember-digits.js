// The row of digits: boxes to type in, and beside them the last one, which is asked for.
import { byId, el, number, tell } from "./dom.js";

export const LONGEST = 1000;
const KEPT = "A digit is replaced, not removed: T is changed by the slider, or by pasting a whole row.";

/** Return the row of an address; null for anything that cannot be shown. */
export function rowOf(text) {
  const isRow = /^\d+$/.test(text ?? "") && text.length >= 2 && text.length <= LONGEST;
  return isRow ? [...text].map(Number) : null;
}

/** Whether a row reads the same from both ends. */
export const isPalindrome = (row) => row.every((digit, i) => digit === row.at(-1 - i));

const mirrored = (row) => row.map((digit, i) => (i < row.length / 2 ? digit : row.at(-1 - i)));

export class Digits {
  /** `onChange(digits, changed)` hears the new row, and in words what was changed. */
  constructor(place, mirror, onChange) {
    this.place = place;
    this.mirror = mirror;
    this.onChange = onChange;
    this.digits = [];
    this.boxes = [];
    this.current = 0;
    this.asked = byId("asked");
    mirror.addEventListener("change", () => this.ticked());
    new ResizeObserver(() => this.measure()).observe(place);
    place.addEventListener("input", (event) => this.typed(event.target));
    place.addEventListener("keydown", (event) => this.moved(event));
    place.addEventListener("paste", (event) => this.pasted(event));
    place.addEventListener("focusin", (event) => this.entered(event.target));
  }

  show(digits, isRight) {
    this.digits = [...digits];
    const read = digits.length - 1;
    while (this.boxes.length > read) this.boxes.pop().remove();
    while (this.boxes.length < read) {
      const box = el("input", { class: "digit", type: "text", inputmode: "numeric", autocomplete: "off", tabindex: "-1" });
      this.boxes.push(box);
      this.place.append(box);
    }
    this.boxes.forEach((box, i) => {
      box.value = digits[i];
      box.ariaLabel = `digit ${i + 1} of ${digits.length}`;
    });
    this.asked.textContent = digits[read];
    this.asked.classList.toggle("right", isRight);
    this.enter(Math.min(this.current, read - 1));
    this.measure();
  }

  /** Say of a long row that it goes on below. */
  measure() {
    const isLong = this.place.scrollHeight > this.place.clientHeight + 1;
    this.place.classList.toggle("long", isLong);
    byId("scrolls").textContent = isLong ? `These are ${number(this.boxes.length)} digits: the box scrolls.` : "";
  }

  /** Say what became of something typed or pasted; null takes it away. */
  say(text) {
    tell(byId("typed"), text ?? "");
  }

  ticked() {
    this.say(null);
    if (this.mirror.checked && !isPalindrome(this.digits)) this.onChange(mirrored(this.digits), "mirrored");
  }

  /** Mark the digit that is read at step t. */
  point(t) {
    this.place.querySelector(".here")?.classList.remove("here");
    if (t !== null) this.boxes[t - 1]?.classList.add("here");
  }

  /** One box of the row takes the Tab key; arrows go on from there. */
  enter(index) {
    this.boxes[this.current]?.setAttribute("tabindex", "-1");
    this.current = index;
    this.boxes[index].setAttribute("tabindex", "0");
  }

  entered(box) {
    const index = this.boxes.indexOf(box);
    if (index < 0) return;
    this.enter(index);
    box.select();
  }

  moved(event) {
    const last = this.boxes.length - 1;
    const to = {
      ArrowLeft: this.current - 1, ArrowRight: this.current + 1, Home: 0, End: last, Backspace: this.current - 1,
    }[event.key];
    if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.say(event.key === "Backspace" ? KEPT : null);
    this.boxes[Math.max(0, Math.min(last, to))].focus();
  }

  typed(box) {
    const index = this.boxes.indexOf(box);
    const found = box.value.match(/\d/g);
    const was = this.digits[index];
    // Of two digits the one that is new, on whichever side of the old one it was typed.
    const digit = found ? (found.map(Number).findLast((one) => one !== was) ?? was) : null;
    this.say(refusal(box.value));
    box.value = digit ?? was;
    if (digit === null) return box.select();
    const next = this.boxes[index + 1];
    if (next) next.focus();
    else box.select();
    if (digit !== was) this.change(index, digit);
  }

  change(index, digit) {
    const T = this.digits.length;
    const changed = `digit ${index + 1} was ${this.digits[index]}, is ${digit}`;
    const isMirrored = this.mirror.checked || index === 0;
    this.digits[index] = digit;
    if (isMirrored) this.digits[T - 1 - index] = digit;
    if (isMirrored && index > 0 && this.boxes[T - 1 - index]) this.boxes[T - 1 - index].value = digit;
    this.onChange([...this.digits], changed);
  }

  /** A row of digits replaces all; a single one is typed. */
  pasted(event) {
    const text = event.clipboardData.getData("text");
    const found = (text.match(/\d/g) ?? []).map(Number);
    this.say(null);
    if (found.length === 1) return;
    event.preventDefault();
    if (found.length < 2 || found.length > LONGEST) {
      this.say(`Paste 2 to ${number(LONGEST)} digits: these are ${number(found.length)}.`);
      return;
    }
    const row = this.mirror.checked ? mirrored(found) : found;
    const isSame = row.every((digit, i) => digit === found[i]);
    const left = text.match(/[^\d\s,;]/gu)?.length ?? 0;
    this.say([
      left ? `${number(found.length)} digits were pasted; other characters were left out.` : "",
      isSame ? "" : "The second half mirrors the first: without the tick a row stays as it is pasted.",
    ].filter(Boolean).join(" "));
    this.onChange(row, "pasted");
  }
}

/** What is to be said of a box's new content; null where there is nothing but digits. */
function refusal(text) {
  const others = text.replace(/\d/g, "").trim();
  if (others) return `“${[...others].slice(0, 8).join("")}” is no digit: 0 to 9 can be typed.`;
  return text.trim() ? null : KEPT;
}
