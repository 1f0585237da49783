// What a page says in #progress: what it waits for, and how far a training is.
import { byId, el, number, say } from "./dom.js";

/** The first answer is slow to come. */
export function showWaiting(select) {
  const text = "Waiting for the playground: when it has just been started, it loads PyTorch first, a few seconds.";
  show("waiting", el("p", {}, text));
  select.replaceChildren(el("option", { value: "" }, "waiting…"));
  delete select.dataset.shown;
}

/** Say how far trainings are; in one line each, once the page has something to show. */
export function showProgress(trainings, { what, problems, isChosen }) {
  const going = trainings.filter(({ state }) => state !== "finished");
  if (isChosen) return show("slim", ...going.map(inOneLine));
  const isNew = byId("progress").dataset.kind !== "whole";
  if (isNew) say(`There is no ${what} yet: the page goes on when there is one.`);
  const none = trainings.length ? null : `There is no ${what} here, and none is being trained.`;
  const lines = [...problems, none].filter(Boolean).map((text) => el("p", {}, text));
  show("whole", ...trainings.map(told), ...lines);
}

function show(kind, ...children) {
  const panel = byId("progress");
  panel.dataset.kind = kind;
  panel.hidden = children.length === 0;
  panel.replaceChildren(...children);
}

function told(training) {
  const { title, state, said } = training;
  if (state === "failed") return failed(training);
  const left = timeLeft(training);
  return el("div", {}, el("p", {}, title), bar(training), el("p", { class: "soft" }, `${said}${left && `. About ${left} left.`}`));
}

function inOneLine(training) {
  const { title, state, done, said } = training;
  if (state === "failed") return failed(training);
  const left = timeLeft(training);
  const share = done > 0 ? `${number(100 * done)}% trained${left && `, about ${left} left`}; ` : "";
  return el("div", {}, bar(training), el("p", {}, `${title}: ${share}${said}`));
}

const failed = ({ title, said }) => el("p", {}, `${title}: ${said}`);

const bar = ({ title, done }) => el("progress", { max: "1", value: String(done), "aria-label": title });

function timeLeft({ seconds_left: left }) {
  if (left === null) return "";
  const seconds = Math.max(1, Math.round(left));
  return seconds < 100 ? `${number(seconds)} s` : `${number(Math.round(seconds / 60))} minutes`;
}
