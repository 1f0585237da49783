// Fills a <select> with the runs or networks there are, and keeps the choice in the address.
//
//   const run = await chooseRun(select, onChange, onGrown)
//   const network = await chooseNetwork(select, onChange)
//
// Both resolve once something can be chosen, with what is chosen: an object of GET /api/runs or
// /api/networks. `onChange(chosen)` hears of it too, then and at every later choice. While there is
// nothing yet, #progress shows what is being trained, and the page goes on by itself. What is
// trained later enters the list without disturbing the choice; `onGrown(run)` hears when the
// chosen run has further stages or has finished.
//
// The address keeps ?run=ID and ?network=ID; one that is gone is said in the notice, and the
// default takes its place. `remember(name, value)` keeps another choice there (null drops it),
// `remembered(name)` reads it.
import { get } from "./api.js";
import { byId, el, notice, number, say } from "./dom.js";

const EACH_MS = 1000;

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

export const remembered = (name) => new URLSearchParams(location.search).get(name);

export function remember(name, value) {
  const address = new URL(location.href);
  if (value === null || value === undefined) address.searchParams.delete(name);
  else address.searchParams.set(name, value);
  history.replaceState(null, "", address);
}

class Choice {
  constructor(asked) {
    this.asked = asked;
    this.chosen = null;
    this.usable = [];
    asked.select.addEventListener("change", () => this.take(asked.select.value));
  }

  /** Return what is chosen first, as soon as there is something. */
  async begin() {
    let isTraining = await this.look();
    while (!this.chosen) {
      await pause(EACH_MS);
      isTraining = await this.look();
    }
    if (isTraining) this.goOn();
    return this.chosen;
  }

  /** Go on looking while something is trained. A failure ends it: the page has what it needs. */
  async goOn() {
    try {
      do await pause(EACH_MS);
      while (await this.look());
    } catch {
      // The next thing that the reader asks for says what is wrong.
    }
  }

  /** Read what there is; return whether more is being trained. */
  async look() {
    const { path, training, isUsable } = this.asked;
    const answer = await get(path);
    this.usable = answer[path].filter(isUsable);
    if (this.chosen) this.renew();
    else if (this.usable.length) this.take(this.first(answer.default));
    this.fill();
    const trainings = (await get("training")).trainings.filter((one) => one.name === training);
    this.showProgress(trainings, answer[path]);
    return trainings.some((one) => one.state === "waiting" || one.state === "training");
  }

  take(id) {
    this.chosen = this.usable.find((one) => one.id === id) ?? this.chosen;
    remember(this.asked.parameter, this.chosen.id);
    this.asked.onChange?.(this.chosen);
  }

  first(byDefault) {
    const wanted = remembered(this.asked.parameter);
    if (this.usable.some((one) => one.id === wanted)) return wanted;
    const chosen = this.usable.find((one) => one.id === byDefault) ?? this.usable[0];
    if (wanted) notice(`The ${this.asked.what} of this address is not there any more. Shown is ${chosen.title}.`);
    return chosen.id;
  }

  renew() {
    const now = this.usable.find((one) => one.id === this.chosen.id) ?? this.chosen;
    const hasGrown = now.state !== this.chosen.state || now.stages?.length !== this.chosen.stages?.length;
    this.chosen = now;
    if (hasGrown) this.asked.onGrown?.(now);
  }

  fill() {
    const { select, title, what } = this.asked;
    select.disabled = this.usable.length === 0;
    const shown = this.usable.map((one) => `${one.id} ${title(one)}`).join("\n");
    // A list that is open must not be taken out of the reader's hands for nothing.
    if (select.dataset.shown !== shown) {
      const options = this.usable.map((one) => el("option", { value: one.id }, title(one)));
      select.replaceChildren(...(options.length ? options : [el("option", {}, `no ${what} yet`)]));
      select.dataset.shown = shown;
    }
    if (this.chosen) select.value = this.chosen.id;
  }

  showProgress(trainings, found) {
    const panel = byId("progress");
    if (this.chosen) {
      panel.hidden = true;
      return;
    }
    if (panel.hidden) say(`There is no ${this.asked.what} yet: the page goes on when there is one.`);
    panel.hidden = false;
    const problems = found.filter((one) => one.problem).map(this.asked.problem);
    const none = trainings.length ? null : `There is no ${this.asked.what} here, and none is being trained.`;
    const lines = [...problems, none].filter(Boolean).map((text) => el("p", {}, text));
    panel.replaceChildren(...trainings.map(told), ...lines);
  }
}

function told({ title, state, done, seconds_left: left, said }) {
  if (state === "failed") return el("p", {}, `${title}: ${said}`);
  const time = left === null ? "" : ` About ${number(Math.max(1, Math.round(left)))} s are left.`;
  const bar = el("progress", { max: "1", value: String(done), "aria-label": title });
  return el("div", {}, el("p", {}, title), bar, el("p", { class: "soft" }, `${said}${time}`));
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
