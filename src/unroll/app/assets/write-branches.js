// The texts so far, to each of which one can return.
import { el } from "./dom.js";
import { plain, sign } from "./write-text.js";

const MOST = 20;
const AROUND = 24;

export class Branches {
  constructor(list, panel, back, show) {
    Object.assign(this, { list, panel, back, show });
    this.texts = [];
    this.current = null;
    back.addEventListener("click", () => this.goBack());
  }

  /** Take a text; one that is not new takes the place of the current one. */
  put(text, isNew) {
    const here = this.texts.indexOf(this.current);
    if (isNew || here < 0) this.texts.push(text);
    else this.texts[here] = text;
    this.texts = this.texts.slice(-MOST);
    this.current = text;
    this.refresh();
  }

  /** Of two that are the same in all, the newer one is enough. */
  fold() {
    const { current } = this;
    const [mine, how] = [plain(current), current?.how?.words];
    this.texts = this.texts.filter((text) => text === current || text.how?.words !== how || plain(text) !== mine);
    this.refresh();
  }

  goBack() {
    const before = this.texts[this.texts.indexOf(this.current) - 1];
    if (before) this.take(before);
  }

  take(text) {
    this.current = text;
    this.show(text);
    this.refresh();
  }

  refresh() {
    const here = this.texts.indexOf(this.current);
    this.back.disabled = here < 1;
    this.panel.hidden = this.texts.length < 2;
    const hadFocus = this.list.contains(document.activeElement);
    const items = this.texts.map((text, n) => {
      const given = { class: "link", type: "button", "aria-current": n === here ? "true" : null, onclick: () => this.take(text) };
      return el("li", {}, el("button", given, told(text)), text.how && el("span", { class: "soft" }, text.how.words));
    });
    this.list.replaceChildren(...items);
    if (hadFocus) items[here]?.firstChild.focus();
  }
}

/** Return what tells a text from others: the place at which the reader chose, or its beginning. */
function told(text) {
  const chosen = text.letters.findLastIndex((letter) => letter.part === "chosen");
  const first = Math.max(0, chosen - AROUND);
  const letters = text.letters.slice(first, first + 2 * AROUND);
  const shown = letters.map((letter) => (letter.text === "\n" ? sign("\n") : letter.text)).join("");
  return `${first ? "…" : ""}${shown}…`;
}
