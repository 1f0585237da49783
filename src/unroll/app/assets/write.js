// The page Write: what is asked for, and what becomes of it.
import { get, post, stream } from "./api.js";
import { chooseRun, remember, remembered } from "./chooser.js";
import { legend } from "./colour.js";
import { byId, notice, settled } from "./dom.js";
import { Branches } from "./write-branches.js";
import { Copies } from "./write-copies.js";
import { showFound } from "./write-found.js";
import { Settings } from "./write-settings.js";
import { Stages } from "./write-stages.js";
import { emptyText, letterOf, plain, writtenFrom } from "./write-text.js";
import { View } from "./write-view.js";

const COPIES_EACH = 300;
const MOST_SEARCHED = 200; // characters of a beam search
const LEAST = 60; // characters to write after a choice, however far the text had come

const settings = new Settings();
const copies = new Copies(byId("copied"));
const view = new View(byId("text"), { goOn, passageOf: (text, n) => copies.passageAt(text, n) });
const branches = new Branches(byId("branches"), byId("earlier"), byId("back"), show);
const stages = new Stages(byId("weights"), byId("weights-shown"), () => rewrite());

let run = null;
let opening = null;
let working = new AbortController();

/** Write a text from the prompt; `isAnew` keeps the one before as a branch. */
async function begin(isAnew) {
  if (settings.way === "beams") return search();
  const text = emptyText(settings.prompt);
  branches.put(text, isAnew);
  await write(text, settings.length);
}

/** A setting has changed: the same prompt and the same draws, written again. */
const rewrite = settled(() => begin(branches.current?.isChosen ?? false), 160);

/** Go on from a character that the reader prefers to the one at place `n`. */
function goOn(text, n, [symbol, probability]) {
  const { alternatives } = text.letters[n];
  const chosen = { text: symbol, probability, alternatives, part: "chosen" };
  const next = { ...emptyText(null), head: text.head, isChosen: true };
  next.letters = [...text.letters.slice(0, n), chosen];
  branches.put(next, true);
  const done = next.letters.length - writtenFrom(next);
  write(next, Math.max(settings.length - done, LEAST));
}

/** Go on from one of the texts that a search found. */
function goOnFrom(prompt, beam) {
  settings.way = "draw";
  const text = { ...emptyText(null), isChosen: true };
  const unscored = { probability: null, alternatives: [] };
  text.letters = [
    ...[...prompt].map((symbol) => letterOf({ ...unscored, text: symbol }, "prompt")),
    ...[...beam.text].map((symbol, n) => letterOf({ ...unscored, text: symbol, probability: beam.probabilities[n] }, "written")),
  ];
  branches.put(text, true);
  write(text, settings.length);
}

async function write(text, length) {
  const mine = start();
  show(text);
  byId("said").textContent = "writing…";
  const asked = { ...settings.asked(), run: run.id, stage: stages.chosen, prompt: plain(text) ?? settings.prompt, length };
  const isNew = text.letters.length === 0;
  const heard = (event) => {
    if (mine.signal.aborted) return;
    if (event.kind === "begin") told(event, text, isNew);
    else if (event.kind === "read") read(event, text, isNew);
    else if (event.kind === "character") written(event, text);
    else if (event.kind === "end") text.isDone = true;
    else throw new Error(event.error);
  };
  const writing = stream("write", asked, heard, mine.signal).then(() => {
    if (!text.isDone && mine === working) throw new Error("the playground ended this text early: is unroll app still running?");
  });
  await finish(mine, writing, text);
}

function told(event, text, isNew) {
  byId("notes").textContent = event.notes.join("; ");
  if (!isNew) return;
  const letters = [...event.prompt];
  text.head = letters.slice(0, letters.length - event.told).join("");
  text.toRead = letters.slice(letters.length - event.told);
  view.showHead(text);
}

function read(event, text, isNew) {
  // The reader's own character is shown, where the model reads the unknown symbol.
  if (isNew) view.add(text, { ...letterOf(event, "prompt"), text: text.toRead.shift() });
}

function written(event, text) {
  view.add(text, letterOf(event, "written"));
  if ((text.letters.length - writtenFrom(text)) % COPIES_EACH === 0) lookUp(text);
}

async function lookUp(text) {
  await copies.look(text, run);
  if (text !== branches.current) return;
  copies.say(text);
  view.mark(text);
}

async function finish(mine, asked, text) {
  try {
    await asked;
  } catch (error) {
    if (!mine.signal.aborted) fail(error);
  }
  if (mine !== working) return;
  await view.settle();
  // While the last characters were shown, another text may have been begun.
  if (mine !== working) return;
  idle();
  if (text === branches.current) view.sum(text, byId("said"));
  branches.refresh();
  await lookUp(text);
}

async function search() {
  const mine = start();
  view.rest();
  showPart("found");
  byId("found").replaceChildren();
  byId("said").textContent = "searching…";
  byId("copied").textContent = "";
  const { beams, until } = settings;
  const asked = { run: run.id, stage: stages.chosen, prompt: settings.prompt, length: Math.min(settings.length, MOST_SEARCHED), beams, until };
  try {
    const answer = await post("beams", asked, mine.signal);
    if (mine.signal.aborted) return;
    byId("notes").textContent = answer.notes.join("; ");
    byId("said").textContent = showFound(byId("found"), { ...answer, until }, (beam) => goOnFrom(answer.prompt, beam));
  } catch (error) {
    if (!mine.signal.aborted) fail(error);
  }
  if (mine === working) idle();
}

function start() {
  working.abort();
  working = new AbortController();
  notice(null);
  byId("stop").disabled = false;
  return working;
}

function idle() {
  byId("stop").disabled = true;
  if (byId("said").textContent.endsWith("…")) byId("said").textContent = "";
}

function stop() {
  if (byId("stop").disabled) return;
  working.abort();
  view.drop();
  byId("said").textContent = "stopped";
}

function fail(error) {
  notice(error.message);
  byId("said").textContent = "";
}

function show(text) {
  if (text !== branches.current) return;
  showPart("text");
  view.show(text);
  view.sum(text, byId("said"));
  copies.say(text);
}

function showPart(name) {
  for (const part of ["text", "found"]) byId(part).hidden = part !== name;
  byId("copy").disabled = name !== "text";
}

async function changed(chosen) {
  const isFirst = run === null;
  run = chosen;
  stages.fill(run, isFirst ? remembered("stage") : null);
  try {
    const ready = await get("write/ready", { run: run.id, stage: stages.chosen });
    // The same run may have grown meanwhile.
    if (run.id !== chosen.id) return;
    if (settings.prompt === "" || settings.prompt === opening) settings.prompt = ready.opening;
    opening = ready.opening;
    settings.limit(ready.characters);
    for (const name of ["write", "again", "weights"]) byId(name).disabled = false;
    await begin(false);
  } catch (error) {
    if (run.id === chosen.id) fail(error);
  }
}

async function copyText() {
  const text = branches.current && plain(branches.current);
  if (!text) return;
  try {
    await navigator.clipboard.writeText(text);
    byId("said").textContent = "copied";
  } catch {
    notice("The browser does not let this page copy: select the text and copy it yourself.");
  }
}

byId("legend").append(legend("surprise", "sure", "surprised"));
byId("settings").open = matchMedia("(min-width: 48.01rem)").matches;
byId("write").addEventListener("click", () => begin(true));
byId("stop").addEventListener("click", stop);
byId("again").addEventListener("click", () => {
  settings.newSeed();
  begin(true);
});
byId("copy").addEventListener("click", copyText);
byId("weights").addEventListener("change", () => remember("stage", stages.remembered));
settings.listen(() => {
  if (run && settings.isValid) rewrite();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") stop();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && run) begin(true);
});

chooseRun(byId("run"), changed, (grown) => {
  run = grown;
  // A text that the reader had a hand in is not written over.
  if (stages.grow(grown) && !branches.current?.isChosen) rewrite();
}).catch(fail);
