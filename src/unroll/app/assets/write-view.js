// A text on the page: every character coloured, reached by pointer and arrow keys.
import { surprise } from "./colour.js";
import { el, isStill, number } from "./dom.js";
import { hideTip, tips } from "./tip.js";
import { percent, sign, spoken, sumOf } from "./write-text.js";

const SHOWN_IN = 30; // frames in which all that waits would be shown
const MOST_A_FRAME = 200;

export class View {
  /** `goOn(text, n, alternative)` hears of a choice; `passageOf(text, n)` tells of copies. */
  constructor(box, { goOn, passageOf }) {
    Object.assign(this, { box, goOn, passageOf });
    this.text = null;
    this.shown = 0;
    this.waiting = [];
    this.frame = null;
    this.active = null;
    // Before the tip hears of it: what loses the focus closes its tip.
    box.addEventListener("click", (event) => this.clicked(event));
    tips(box, ".c", (span) => this.described(placeOf(span)));
    box.addEventListener("keydown", (event) => this.pressed(event));
    box.addEventListener("focusin", (event) => event.target.matches(".c") && this.activate(event.target));
  }

  /** Show a text; `focused` is the place of the character that takes the focus. */
  show(text, focused = null) {
    hideTip();
    this.rest();
    this.text = text;
    this.box.replaceChildren();
    this.active = null;
    this.showHead(text);
    this.append(text.letters);
    this.mark(text);
    const span = focused === null ? null : this.box.querySelectorAll(".c")[focused];
    if (span) this.focus(span);
  }

  showHead(text) {
    if (text === this.text && text.head && !this.box.firstChild) this.box.append(el("span", { class: "head" }, text.head));
  }

  /** Take one more character. They are shown a few a frame, so that one can follow. */
  add(text, letter) {
    text.letters.push(letter);
    if (text !== this.text) return;
    this.waiting.push(letter);
    this.frame ??= requestAnimationFrame(() => this.reveal());
  }

  reveal() {
    this.frame = null;
    const many = isStill() ? this.waiting.length : Math.ceil(this.waiting.length / SHOWN_IN);
    this.append(this.waiting.splice(0, Math.min(many, MOST_A_FRAME)));
    if (this.waiting.length) this.frame = requestAnimationFrame(() => this.reveal());
    else this.finish();
  }

  finish() {
    this.settled?.();
    this.settled = null;
  }

  /** Wait until all is shown. */
  settle() {
    return new Promise((resolve) => {
      if (this.frame === null) resolve();
      else this.settled = resolve;
    });
  }

  /** Show at once all that waits. */
  hurry() {
    const { waiting } = this;
    this.rest();
    this.append(waiting);
  }

  /** Forget what is not shown yet. */
  drop() {
    if (this.text) this.text.letters.length -= this.waiting.length;
    this.rest();
  }

  /** Show no more of this text for now; what it holds stays. */
  rest() {
    if (this.frame !== null) cancelAnimationFrame(this.frame);
    this.frame = null;
    this.waiting = [];
    this.finish();
  }

  append(letters) {
    const first = this.box.querySelectorAll(".c").length;
    const spans = letters.map((letter, i) => spanOf(letter, first + i));
    this.box.append(...spans);
    if (!this.active && spans.length) this.activate(spans[0]);
  }

  activate(span) {
    this.active?.setAttribute("tabindex", "-1");
    this.active?.removeAttribute("role");
    this.active?.removeAttribute("aria-label");
    this.active = span;
    span.setAttribute("tabindex", "0");
    span.setAttribute("role", "button");
    const letter = this.text.letters[placeOf(span)];
    const p = letter.probability === null ? "" : `, ${percent(letter.probability)}`;
    span.setAttribute("aria-label", spoken(letter.text) + p);
  }

  focus(span) {
    // Only the active one can take it.
    this.activate(span);
    span.focus();
  }

  /** Underline what stands in the book. */
  mark(text) {
    if (text !== this.text) return;
    for (const span of this.box.querySelectorAll(".c")) {
      const passage = this.passageOf(text, placeOf(span));
      span.classList.toggle("copied", Boolean(passage));
      span.classList.toggle("signs", Boolean(passage) && !passage.is_prose);
    }
  }

  /** Say what has become of a text. */
  sum(text, place) {
    if (!text.isDone && !text.isCut) return;
    const { count, bits } = sumOf(text);
    const characters = `${number(count)} ${count === 1 ? "character" : "characters"}`;
    const told = count ? `${characters} at ${number(bits, 2)} bits${count === 1 ? "" : " each"}` : "nothing written";
    place.textContent = text.isDone ? told : `cut off: ${told}`;
  }

  described(n) {
    const letter = this.text.letters[n];
    const p = letter.probability;
    const isFirst = n === 0 && !this.text.head;
    const given = p === null ? (isFirst ? "nothing stands before it" : "not scored") : percent(p);
    const drawn = letter.drawn === undefined || Math.abs(letter.drawn - p) < 5e-4 ? null : ` (drawn with ${percent(letter.drawn)})`;
    const whose = { prompt: "yours", chosen: "your choice", written: null }[letter.part];
    const head = el("p", { class: "given" }, el("b", {}, sign(letter.text)), ` ${given}`, drawn, whose && el("span", { class: "soft" }, ` ${whose}`));
    return el("div", { class: "choices" }, head, ...this.listed(n, letter), this.placed(n));
  }

  listed(n, letter) {
    if (!letter.alternatives.length) return [];
    const rows = letter.alternatives.map(([symbol, p], i) => {
      const bar = el("i", { "aria-hidden": "true" });
      bar.style.setProperty("--p", p);
      const taken = symbol === letter.text;
      return el(
        "li", {},
        el(
          "button",
          // A press must not take the focus from the character: its tip would close under the finger.
          { type: "button", tabindex: "-1", onmousedown: (event) => event.preventDefault(), "aria-label": `${i + 1}: ${spoken(symbol)}, ${percent(p)}`, ...(taken && { class: "taken" }), onclick: () => this.choose(n, i) },
          el("kbd", {}, String(i + 1)), el("b", {}, sign(symbol)), bar, el("span", {}, percent(p)),
        ),
      );
    });
    const help = el("p", { class: "soft" }, `Before temperature. ${byFinger() ? "Tap one" : "Click one or press its number"} to go on from there.`);
    return [el("ol", {}, ...rows), help];
  }

  placed(n) {
    const passage = this.passageOf(this.text, n);
    if (!passage) return null;
    return el(
      "p", { class: "passage" },
      `In ${passage.book}, character ${number(passage.book_start)}, ${passage.length} in a row: `,
      el("q", {}, `…${passage.before}`, el("mark", {}, passage.text), `${passage.after}…`),
    );
  }

  choose(n, i) {
    const alternative = this.text.letters[n].alternatives[i];
    if (!alternative) return;
    hideTip();
    this.goOn(this.text, n, alternative, this.box.contains(document.activeElement));
  }

  clicked(event) {
    const span = event.target.closest(".c");
    if (!span) return;
    this.activate(span);
    span.focus({ preventScroll: true });
    // The card lies at the foot of the screen, and must leave the character to be seen.
    if (byFinger()) span.scrollIntoView({ block: "nearest" });
  }

  pressed(event) {
    const span = event.target.closest(".c");
    if (!span || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key >= "1" && event.key <= "9") this.choose(placeOf(span), Number(event.key) - 1);
    const to = this.reached(span, event.key);
    if (!to) return;
    event.preventDefault();
    this.focus(to);
  }

  /** Return the character that a key leads to. */
  reached(span, key) {
    const spans = [...this.box.querySelectorAll(".c")];
    const n = placeOf(span);
    if (key === "ArrowRight") return spans[n + 1];
    if (key === "ArrowLeft") return spans[n - 1];
    if (key === "Home") return spans[0];
    if (key === "End") return spans.at(-1);
    if (key === "ArrowDown") return nextLine(spans, n, 1);
    if (key === "ArrowUp") return nextLine(spans, n, -1);
    return null;
  }
}

const byFinger = () => matchMedia("(pointer: coarse)").matches;
const placeOf = (span) => Number(span.dataset.n);

function spanOf(letter, n) {
  const span = el("span", { class: `c ${letter.part}${letter.text === "\n" ? " end" : ""}`, data: { n } }, letter.text);
  if (letter.probability !== null) span.style.background = surprise(letter.probability);
  return span;
}

/** Return the character above or below: nearest from left to right in the next line. */
function nextLine(spans, n, by) {
  const here = spans[n].getClientRects()[0];
  let top = null;
  let best = null;
  for (let i = n + by; spans[i]; i += by) {
    const there = spans[i].getClientRects()[0];
    if (Math.abs(there.top - here.top) < 4) continue;
    top ??= there.top;
    if (Math.abs(there.top - top) >= 4) break;
    const far = Math.abs(there.left - here.left);
    if (!best || far < best.far) best = { far, span: spans[i] };
  }
  return best?.span;
}
