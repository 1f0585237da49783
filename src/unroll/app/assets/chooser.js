// Fills a <select> with the runs or networks there are, and keeps the choice in the address.
//
//   const run = await chooseRun(select, onChange, onGrown)
//   const network = await chooseNetwork(select, onChange)
//
// Both resolve once something can be chosen, with what is chosen: an object of GET /api/runs or
// /api/networks. `onChange(chosen)` hears of it too, then and at every later choice, whether made
// in the list or by the browser's Back. #progress shows what is being trained; while there is
// nothing else, the page goes on by itself once there is. What is trained later enters the list
// without disturbing the choice; `onGrown(run)` hears when the chosen run has further stages or
// has finished.
//
// The address keeps ?run=ID and ?network=ID, as address.js tells; where it names none, the tab's
// last choice is taken. Of one that is not there, the default takes the place. What is deleted while it is shown leaves the list, and the page keeps
// what it shows. Both are said in #lasting.
import { inTab, keepInTab, remember, remembered, step } from "./address.js";
import { get, onGone } from "./api.js";
import { showProgress, showWaiting } from "./chooser-progress.js";
import { byId, el, lasting, notice, settled } from "./dom.js";

export { remember, remembered } from "./address.js";

const EACH_MS = 1000;
const PATIENCE_MS = 100; // without a word
const SEARCHED_MS = 700; // the server searches its folders no more often
const FRAME_PX = 44; // of a <select>: its padding and its arrow

export const chooseRun = (select, onChange, onGrown) =>
  new Choice({
    select, onChange, onGrown, parameter: "run", path: "runs", training: "text", what: "run",
    isUsable: (run) => run.state !== "damaged" && run.stages.length > 0,
    title: (run) => run.title + (run.state === "finished" ? "" : ` (${run.state})`),
    problem: (run) => `${run.title}: ${run.problem ?? "cannot be used"}`,
  }).begin();

export const chooseNetwork = (select, onChange) =>
  new Choice({
    select, onChange, parameter: "network", path: "networks", training: "networks", what: "network",
    isUsable: () => true,
    title: (network) => network.title,
    problem: () => "",
  }).begin();

class Choice {
  constructor(asked) {
    const { select, parameter } = asked;
    this.asked = asked;
    this.chosen = null;
    this.isLost = false;
    this.usable = [];
    this.whole = el("span", { class: "whole", "aria-hidden": "true", hidden: true });
    select.after(this.whole);
    select.addEventListener("change", () => {
      step(parameter, select.value);
      keepInTab(parameter, select.value);
      lasting(null);
      this.take(select.value);
      this.fill();
    });
    addEventListener("popstate", () => this.restore());
    onGone(settled(() => this.miss(), SEARCHED_MS));
    new ResizeObserver(() => this.showWhole()).observe(select);
  }

  /** Return what is chosen first, as soon as there is something. */
  async begin() {
    this.waiting = setTimeout(() => showWaiting(this.asked.select), PATIENCE_MS);
    try {
      let isTraining = await this.tryToLook();
      while (!this.chosen) {
        await pause(EACH_MS);
        isTraining = await this.tryToLook();
      }
      if (isTraining) this.goOn();
      return this.chosen;
    } catch (error) {
      clearTimeout(this.waiting);
      byId("progress").hidden = true;
      throw error;
    }
  }

  /** The same as `look`; where nobody answers, that is said, and the page waits. */
  async tryToLook() {
    try {
      return await this.look();
    } catch (error) {
      if (!error.isUnanswered) throw error;
      clearTimeout(this.waiting);
      notice(error);
      return true;
    }
  }

  /** Go on looking while something is trained. A failure ends it: the page has what it needs. */
  async goOn() {
    try {
      do await pause(EACH_MS);
      while (await this.look());
    } catch {
      // The next thing that the reader asks for says what is wrong.
      byId("progress").hidden = true;
    }
  }

  /** Read what there is; return whether more is being trained. */
  async look() {
    const { path, training, what, problem } = this.asked;
    const found = await this.list();
    if (this.chosen) this.renew();
    else if (this.usable.length) this.take(this.first(found.default));
    this.fill();
    const trainings = (await get("training")).trainings.filter((one) => one.name === training);
    const problems = found[path].filter((one) => one.problem).map(problem);
    showProgress(trainings, { what, problems, isChosen: this.chosen !== null });
    return trainings.some((one) => one.state === "waiting" || one.state === "training");
  }

  async list() {
    const answer = await get(this.asked.path);
    clearTimeout(this.waiting);
    this.usable = answer[this.asked.path].filter(this.asked.isUsable);
    return answer;
  }

  take(id) {
    this.chosen = this.usable.find((one) => one.id === id) ?? this.chosen;
    this.isLost = false;
    remember(this.asked.parameter, this.chosen.id);
    this.asked.onChange?.(this.chosen);
  }

  /** Choose what the browser's Back or Forward leads to. */
  restore() {
    const wanted = remembered(this.asked.parameter);
    if (!this.chosen || wanted === this.chosen.id) return;
    if (!this.usable.some((one) => one.id === wanted)) return remember(this.asked.parameter, this.chosen.id);
    keepInTab(this.asked.parameter, wanted);
    lasting(null);
    this.take(wanted);
    this.fill();
  }

  first(byDefault) {
    const { parameter, what } = this.asked;
    const addressed = remembered(parameter);
    const wanted = addressed ?? inTab(parameter);
    if (this.usable.some((one) => one.id === wanted)) {
      keepInTab(parameter, wanted);
      return wanted;
    }
    const chosen = this.usable.find((one) => one.id === byDefault) ?? this.usable[0];
    const lost = addressed
      ? `There is no such ${what} here: the address may be of another machine, or its folder needs --runs.`
      : `The ${what} chosen before is not there any more.`;
    if (wanted) lasting(`${lost} Shown is ${chosen.title}.`);
    return chosen.id;
  }

  renew() {
    const now = this.usable.find((one) => one.id === this.chosen.id) ?? this.chosen;
    const hasGrown = now.state !== this.chosen.state || now.stages?.length !== this.chosen.stages?.length;
    this.chosen = now;
    if (hasGrown) this.asked.onGrown?.(now);
  }

  /** Something that was asked for is not there any more: it may be what is chosen. */
  async miss() {
    if (!this.chosen) return;
    try {
      await this.list();
    } catch {
      return; // what was asked for has said what is wrong
    }
    const isLost = !this.usable.some((one) => one.id === this.chosen.id);
    if (isLost && !this.isLost) {
      // One line: the refusal says less.
      notice(null);
      lasting(`${this.chosen.title} is not there any more: choose another ${this.asked.what}.`);
    }
    this.isLost = isLost;
    this.fill();
  }

  fill() {
    const { select, title, what } = this.asked;
    select.disabled = this.usable.length === 0;
    const options = this.usable.map((one) => [one.id, title(one)]);
    if (this.isLost || !options.length) options.unshift(["", options.length ? `choose another ${what}` : `no ${what} yet`]);
    const shown = options.map((one) => one.join(" ")).join("\n");
    // A list that is open must not be taken out of the reader's hands for nothing.
    if (select.dataset.shown !== shown) {
      const isNone = (value) => value === "" && this.isLost;
      select.replaceChildren(...options.map(([value, text]) => el("option", { value, disabled: isNone(value) }, text)));
      select.dataset.shown = shown;
    }
    if (this.chosen) select.value = this.isLost ? "" : this.chosen.id;
    this.showWhole();
  }

  /** A title that is wider than its field is written below it, too. */
  showWhole() {
    const { select } = this.asked;
    const text = select.selectedOptions[0]?.text ?? "";
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = getComputedStyle(select).font;
    this.whole.hidden = pen.measureText(text).width <= select.clientWidth - FRAME_PX;
    this.whole.textContent = text;
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
