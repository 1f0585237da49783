// The slider over a run's kept weights: the model as it was while it learned.
import { number } from "./dom.js";

export class Stages {
  constructor(slider, shown, onChange) {
    Object.assign(this, { slider, shown, onChange });
    this.names = [];
    slider.addEventListener("input", () => {
      this.say();
      this.onChange();
    });
  }

  /** Begin with a run's stages: at `wanted`, or at the end, where it knows most. */
  fill(run, wanted) {
    // The best weights are known once a run is finished.
    this.names = [...run.stages.map(String), ...(run.state === "finished" ? ["best"] : [])];
    const last = this.names.length - 1;
    this.slider.max = last;
    this.slider.value = this.names.includes(wanted) ? this.names.indexOf(wanted) : last;
    this.run = run;
    this.say();
  }

  /** The run has come further. Whoever stood at the end still does, unless `stays`. */
  grow(run, stays) {
    this.fill(run, stays ? this.chosen : this.remembered);
  }

  get isAtEnd() {
    return this.slider.valueAsNumber === this.names.length - 1;
  }

  toEnd() {
    this.slider.value = this.names.length - 1;
    this.say();
  }

  get chosen() {
    return this.names[this.slider.valueAsNumber] ?? "best";
  }

  /** What the address keeps: nothing for the end. */
  get remembered() {
    return this.isAtEnd ? null : this.chosen;
  }

  /** The chosen weights, in words. */
  get told() {
    return this.chosen === "best" ? "the best" : `after step ${number(Number(this.chosen))}`;
  }

  say() {
    const { bits_per_char: bits } = this.run;
    const isScored = this.chosen === "best" && bits !== null;
    const told = isScored ? `the best: ${number(bits, 2)} bits a character on held-out text` : this.told;
    this.shown.textContent = told;
    this.slider.setAttribute("aria-valuetext", told);
  }
}
