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

  /** The run has come further: whoever stood at the end still does; return whether one did. */
  grow(run) {
    const stood = this.remembered;
    this.fill(run, stood);
    return stood === null;
  }

  get chosen() {
    return this.names[this.slider.valueAsNumber] ?? "best";
  }

  /** What the address keeps: nothing for the end. */
  get remembered() {
    return this.slider.valueAsNumber === this.names.length - 1 ? null : this.chosen;
  }

  say() {
    const { bits_per_char: bits } = this.run;
    const best = bits === null ? "the best" : `the best, ${number(bits, 2)} bits each on held-out text`;
    const told = this.chosen === "best" ? best : `after step ${number(Number(this.chosen))}`;
    this.shown.textContent = told;
    this.slider.setAttribute("aria-valuetext", told);
  }
}
