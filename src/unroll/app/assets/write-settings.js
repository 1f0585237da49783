// How the next character is chosen, as the controls say.
import { byId, number, showRange } from "./dom.js";

const ALTERNATIVES = 8;
const MOST = { draw: 2000, greedy: 2000, beams: 200 }; // characters to write
const MOST_PROMPT = 20000;
const FIELDS = ["prompt", "temperature", "top-k", "top-p", "seed", "beams", "until", "length"];
const NUMBERS = { "top-k": "Only among the k likeliest", seed: "Seed of the draws", length: "Characters to write" };

export class Settings {
  constructor() {
    this.longer = null;
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
    return byId("length").valueAsNumber;
  }

  get beams() {
    return byId("beams").valueAsNumber;
  }

  get until() {
    return byId("until").value || null;
  }

  /** The first field that cannot be asked with, and what it must be; null where all can. */
  get wrong() {
    const characters = [...this.prompt].length;
    if (characters > MOST_PROMPT) {
      const told = `“Begin with” may have ${number(MOST_PROMPT)} characters at most, and has ${number(characters)}: shorten it. The end is what the model goes on from.`;
      return { field: byId("prompt"), told };
    }
    const asked = this.way === "draw" ? ["top-k", "seed", "length"] : ["length"];
    const id = asked.find((name) => !byId(name).validity.valid);
    if (!id) return this.wrongEnd();
    const { min, max } = byId(id);
    const range = id === "seed" ? "from 0, of 15 figures at most" : `from ${number(Number(min))} to ${number(Number(max))}`;
    const none = id === "top-k" ? ", or empty for all" : "";
    return { field: byId(id), told: `“${NUMBERS[id]}” must be a whole number ${range}${none}.` };
  }

  wrongEnd() {
    const isLonger = this.way === "beams" && [...(this.until ?? "")].length > this.length;
    return isLonger ? { field: byId("until"), told: "“Ends with” must not be longer than “Characters to write”." } : null;
  }

  /** In words, what tells this text from others that begin alike. */
  get told() {
    if (this.way !== "draw") return "the likeliest each time";
    const { temperature, top_k: k, top_p: p, seed } = this.asked();
    const filters = [k && `among ${k}`, p && `p ${p}`].filter(Boolean).map((one) => `${one}, `).join("");
    return `temperature ${temperature}, ${filters}seed ${seed}`;
  }

  /** All that the reader has set, to be found again. */
  get all() {
    return { way: this.way, ...Object.fromEntries(FIELDS.map((id) => [id, byId(id).value])) };
  }

  set all({ way, ...values }) {
    for (const id of FIELDS) byId(id).value = values[id];
    this.way = way;
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
    this.bound();
    byId("write").textContent = this.way === "beams" ? "Search" : "Write";
    for (const range of document.querySelectorAll("#settings input[type=range]")) showRange(range);
  }

  /** A search goes less far than a text: the field shows so, and its number comes back after. */
  bound() {
    const length = byId("length");
    length.max = MOST[this.way];
    if (length.valueAsNumber > MOST[this.way]) {
      this.longer = length.value;
      length.value = MOST[this.way];
    } else if (this.longer && this.way !== "beams") {
      length.value = this.longer;
      this.longer = null;
    }
  }
}

function wholeOf(id) {
  const value = byId(id).valueAsNumber;
  return Number.isInteger(value) && value >= 0 ? value : null;
}
