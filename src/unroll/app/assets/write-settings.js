// How the next character is chosen, as the controls say.
import { byId, showRange } from "./dom.js";

const ALTERNATIVES = 8;
const MOST = 2000;

export class Settings {
  constructor() {
    this.showWay();
  }

  get prompt() {
    return byId("prompt").value;
  }

  set prompt(text) {
    byId("prompt").value = text;
  }

  get way() {
    return document.querySelector("[name=way]:checked").value;
  }

  set way(name) {
    document.querySelector(`[name=way][value=${name}]`).checked = true;
    this.showWay();
  }

  get length() {
    return Math.max(1, Math.min(MOST, Math.round(byId("length").valueAsNumber) || 400));
  }

  get beams() {
    return byId("beams").valueAsNumber;
  }

  get until() {
    return byId("until").value || null;
  }

  get isValid() {
    return ["top-k", "seed", "length"].every((id) => byId(id).validity.valid);
  }

  /** What a drawn text is asked with. */
  asked() {
    const shared = { alternatives: ALTERNATIVES };
    if (this.way === "greedy") return { ...shared, greedy: true };
    const p = byId("top-p").valueAsNumber;
    return {
      ...shared,
      temperature: byId("temperature").valueAsNumber,
      top_k: wholeOf("top-k"),
      top_p: p < 1 ? p : null,
      seed: wholeOf("seed") ?? 0,
    };
  }

  /** No more than a model's characters can be chosen among. */
  limit(characters) {
    byId("top-k").max = characters;
    if (byId("top-k").valueAsNumber > characters) byId("top-k").value = "";
  }

  newSeed() {
    byId("seed").value = (wholeOf("seed") ?? 0) + 1;
  }

  /** Tell of each change, but for the prompt and the length: those wait for the button. */
  listen(onChange) {
    for (const id of ["temperature", "top-k", "top-p", "seed", "beams", "until"]) byId(id).addEventListener("input", onChange);
    for (const radio of document.querySelectorAll("[name=way]")) {
      radio.addEventListener("change", () => {
        this.showWay();
        onChange();
      });
    }
  }

  showWay() {
    for (const part of document.querySelectorAll("[data-way]")) part.hidden = part.dataset.way !== this.way;
    byId("again").hidden = this.way !== "draw";
    byId("write").textContent = this.way === "beams" ? "Search" : "Write";
    for (const range of document.querySelectorAll("#settings input[type=range]")) showRange(range);
  }
}

function wholeOf(id) {
  const value = byId(id).valueAsNumber;
  return Number.isInteger(value) && value >= 0 ? value : null;
}
