// The page Write: what is asked for, and what becomes of it.
import { get, post, stream } from "./api.js";
import { chooseRun, remember, remembered } from "./chooser.js";
import { legend } from "./colour.js";
import { byId, notice, settled } from "./dom.js";
import { wordsOf, writeAddress } from "./write-address.js";
import { Branches } from "./write-branches.js";
import { check, lead } from "./write-check.js";
import { copyText } from "./write-clipboard.js";
import { listen, showPart } from "./write-controls.js";
import { Copies } from "./write-copies.js";
import { showFound } from "./write-found.js";
import { Growth } from "./write-growth.js";
import { keepOnLeaving, opened } from "./write-memory.js";
import { Settings } from "./write-settings.js";
import { Stages } from "./write-stages.js";
import { begun, changedAt, emptyText, found, letterOf, plain, writtenFrom } from "./write-text.js";
import { View } from "./write-view.js";

const COPIES_EACH = 300;
const LEAST = 60; // characters to write after a choice, however far the text had come

const settings = new Settings();
const copies = new Copies(byId("copied"));
const view = new View(byId("text"), { goOn, passageOf: (text, n) => copies.passageAt(text, n) });
const branches = new Branches(byId("branches"), byId("earlier"), byId("back"), (text) => show(text));
const stages = new Stages(byId("weights"), byId("weights-shown"), () => rewrite());
const growth = new Growth(stages, branches, begin);

let run = null;
let opening = null;
let working = new AbortController();

/** Write a text from the prompt; `isAnew` keeps the one before as a branch. */
async function begin(isAnew) {
  if (!check(settings)) return;
  if (settings.way === "beams") return search();
  await write(emptyText(settings.prompt), settings.length, isAnew);
}

/** Begin at the reader's word. */
function press() {
  if (!run) return;
  lead(settings);
  begin(true);
}

/** A setting has changed: the same prompt and the same draws, written again. */
const rewrite = settled(() => begin(branches.current?.isChosen ?? false), 160);

/** Go on from a character that the reader prefers to the one at place `n`. */
function goOn(text, n, alternative, hadFocus) {
  if (!check(settings)) return;
  const next = changedAt(text, n, alternative);
  const done = next.letters.length - writtenFrom(next);
  write(next, Math.max(settings.length - done, LEAST), true, hadFocus ? n : null);
}

/** Go on from one of the texts that a search found. */
function goOnFrom(prompt, beam) {
  settings.way = "draw";
  if (check(settings)) write(found(prompt, beam), settings.length, true);
}

/** Write on; until the server has agreed, the text before stays, with what is said of it. */
async function write(text, length, isAnew, focused = null) {
  const mine = start();
  byId("said").textContent = "writing…";
  const prompt = plain(text) ?? settings.prompt;
  const asked = { ...settings.asked(), run: run.id, stage: stages.chosen, prompt, length };
  text.how = { run: run.id, stage: stages.chosen, words: `${run.title}, ${stages.told}; ${settings.told}`, address: addressOf({ way: asked.greedy ? "greedy" : "draw", prompt, length }) };
  const isNew = text.letters.length === 0;
  const heard = (event) => {
    if (mine.signal.aborted) return;
    if (event.kind === "begin") {
      text.notes = event.notes.join("; ");
      branches.put(text, isAnew);
      show(text, focused);
      if (isNew) {
        begun(text, event);
        view.showHead(text);
      }
    }
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

/** What the address will say of a text that is asked for now, where that is not all as it is set. */
const addressOf = (asked) => wordsOf({ all: { ...settings.all, ...asked }, opening, stage: stages.remembered });

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
    if (!mine.signal.aborted) {
      fail(error);
      text.isCut = true;
      view.hurry();
    }
  }
  if (mine !== working) return;
  await view.settle();
  // While the last characters were shown, another text may have been begun.
  if (mine !== working) return;
  idle();
  // One that the server refused was never shown.
  if (text !== branches.current) return;
  branches.fold();
  await lookUp(text);
}

async function search() {
  const mine = start();
  byId("said").textContent = "searching…";
  const { beams, until } = settings;
  const asked = { run: run.id, stage: stages.chosen, prompt: settings.prompt, length: settings.length, beams, until };
  const address = addressOf({});
  try {
    const answer = await post("beams", asked, mine.signal);
    if (mine.signal.aborted) return;
    writeAddress(address);
    view.rest();
    showPart("found");
    byId("copied").textContent = "";
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
  if (!/(…|^)$/.test(byId("said").textContent)) return;
  byId("said").textContent = "";
  if (branches.current && !byId("text").hidden) view.sum(branches.current, byId("said"));
}

function stop() {
  if (byId("stop").disabled) return;
  working.abort();
  view.drop();
  byId("said").textContent = "stopped";
}

function fail(error) {
  notice(error);
  byId("said").textContent = "";
}

function show(text, focused = null) {
  if (text !== branches.current) return;
  showPart("text");
  // Of another run the address would also have to name that.
  if (text.how.run === run.id) writeAddress(text.how.address);
  byId("notes").textContent = text.notes;
  view.show(text, focused);
  view.sum(text, byId("said"));
  copies.say(text);
}

async function changed(chosen) {
  const isFirst = run === null;
  run = chosen;
  stages.fill(run, isFirst ? remembered("stage") : null);
  growth.offer(false);
  byId("said").textContent = "opening the model…";
  try {
    const ready = await get("write/ready", { run: run.id, stage: stages.chosen });
    // The same run may have grown meanwhile.
    if (run.id !== chosen.id) return;
    if (settings.prompt === "" || settings.prompt === opening) settings.prompt = ready.opening;
    opening = ready.opening;
    byId("prompt").placeholder = `empty: “${opening}”, as the book does`;
    settings.limit(ready.characters);
    for (const name of ["write", "again", "weights"]) byId(name).disabled = false;
    const text = isFirst ? state?.text : null;
    if (text && text.how.run === run.id && text.how.stage === stages.chosen) reopen(text);
    else await begin(false);
  } catch (error) {
    if (run.id === chosen.id) fail(error);
  }
}

/** Show a text that was open as the page was left. */
function reopen(text) {
  byId("said").textContent = "";
  branches.put(text, true);
  show(text);
  lookUp(text);
}

byId("legend").append(legend("surprise", "sure", "surprised"));
byId("weights").addEventListener("change", () => remember("stage", stages.remembered));
listen({
  settings, press, stop,
  copy: () => copyText(branches.current && plain(branches.current)),
  rewrite: () => run && rewrite(),
});

const state = opened();
if (state) {
  settings.all = state.all;
  opening = state.opening;
}
keepOnLeaving(() => ({ all: settings.all, opening, text: branches.current }));
chooseRun(byId("run"), changed, (grown) => {
  run = grown;
  growth.heard(grown);
}).catch(fail);
