// Look inside: one unit of a network along a text, and the units that follow what a reader tracks.
import { get, latest, post } from "./api.js";
import { chooseRun, remember, remembered } from "./chooser.js";
import { legend } from "./colour.js";
import { byId, el, fillSelect, notice, number, say, settled } from "./dom.js";
import { heat } from "./heat.js";
import { Activity } from "./inside-activity.js";
import { Followers } from "./inside-followers.js";
import { Reading } from "./inside-reading.js";

const OPENING = ["quotes", "line_end", "line_position", "brackets"];

const followers = new Followers(byId("followers"), (feature, follower) => {
  follow(feature, follower);
  // On a narrow screen the text is above the list.
  if (byId("text").getBoundingClientRect().bottom < 80) byId("what").scrollIntoView();
});
const reading = new Reading(byId("text"), byId("strip"), byId("said"), pointed);
let run = null;
let text = null; // a text of the reader's own; null for the held-out passage
let place = kept(); // { layer, part, unit }, all counted from 1
let isAddressed = place !== null; // by a link, which may be of another network
let followed = null; // the feature whose follower is shown
let activity = null;
let activityOf = null; // whose it is: network, weights and text
let map = null;
let picked = null; // the row under the map's cursor
const asking = latest();
const measuring = latest();

function kept() {
  const [layer, part, unit] = (remembered("unit") ?? "").split("-");
  if (!/^\d{1,3}$/.test(layer) || !/^\w{1,9}$/.test(part ?? "") || !/^\d{1,6}$/.test(unit ?? "")) return null;
  return { layer: Number(layer), part, unit: Number(unit) };
}

function opened(chosen) {
  const isAnother = run !== null && run.id !== chosen.id;
  run = chosen;
  if (isAnother) place = followed = null;
  fillStages();
  renew();
}

function fillStages() {
  const select = byId("stage");
  const wanted = select.disabled ? remembered("stage") : select.value;
  const names = run.state === "finished" ? { best: "the best" } : { best: "the best so far" };
  const stages = ["best", ...run.stages.map(String)];
  const title = (stage) => names[stage] ?? (stage === "0" ? "step 0, untrained" : `step ${number(Number(stage))}`);
  fillSelect(select, stages.map((stage) => [stage, title(stage)]), stages.includes(wanted) ? wanted : "best");
}

/** Another network or other weights: read the text, and measure. */
function renew() {
  remember("stage", byId("stage").value === "best" ? null : byId("stage").value);
  notice(null);
  show();
  measure();
}

async function measure() {
  const signal = measuring();
  followers.wait();
  try {
    const found = await get("inside/units", { run: run.id, stage: byId("stage").value }, signal);
    if (signal.aborted) return;
    followers.show(found);
    if (!place) begin(found);
    else claim();
  } catch (error) {
    if (signal.aborted) return;
    followers.fail(error.message);
  }
}

/** Show the best follower of the first feature that has one. */
function begin({ features, parts }) {
  const byName = new Map(features.map((feature) => [feature.name, feature]));
  const feature = [...OPENING.map((name) => byName.get(name)), ...features].find((one) => one?.followers.length);
  if (feature) follow(feature, feature.followers[0]);
  else move({ layer: 1, part: parts.at(-1).name, unit: 1 });
}

function follow(feature, { layer, part, unit }) {
  followed = feature;
  move({ layer, part, unit });
}

/** Go to another unit; the text is only read again where its values are not here already. */
function move(to) {
  place = to;
  remember("unit", `${place.layer}-${place.part}-${place.unit}`);
  if (activityOf !== wanted() || !activity.has(to)) return show();
  // What is on its way is another part: it must not come under this one's name.
  asking();
  draw();
}

const wanted = () => JSON.stringify([run.id, byId("stage").value, text]);

const showSoon = settled(() => show(), 150);

async function show() {
  const signal = asking();
  const of = wanted();
  const at = place ?? { layer: 1, part: "h", unit: 1 };
  try {
    const answer = await post("inside/activity", { run: run.id, stage: byId("stage").value, text, ...at }, signal);
    if (signal.aborted) return;
    notice(null);
    isAddressed = false;
    activity = new Activity(answer);
    activityOf = of;
    reading.read(activity);
    draw();
    drawMap();
  } catch (error) {
    if (signal.aborted) return;
    notice(error.message);
    if (!isAddressed) return;
    isAddressed = false;
    place = null;
    if (followers.found) begin(followers.found);
  }
}

function draw() {
  const at = shownPlace();
  fillWalker(at);
  const values = activity.valuesOf(at.unit);
  const scale = activity.scaleOf(values);
  const ends = [scale.low, scale.high].map((end) => number(end, scale.digits));
  const isMarked = followed && followed.name !== "line_position";
  const key = isMarked ? el("span", { class: "key" }, el("u", {}, "underlined"), `: ${followed.title}`) : null;
  byId("legend").replaceChildren(...[legend(activity.part.kind, ...ends), key].filter(Boolean));
  reading.colour(values, scale, `${at.part} ${at.unit}`, followed);
  byId("notes").textContent = activity.notes.join(" ");
  const layer = activity.layers > 1 ? `, layer ${at.layer}` : "";
  byId("what").textContent = `${capital(activity.part.title)}, unit ${at.unit}${layer}`;
  followers.press(at, followed);
  claim();
}

function claim() {
  const said = place ? followers.claim(place, followed) : "";
  if (byId("claim").textContent === said) return;
  byId("claim").textContent = said;
  say(`${byId("what").textContent}. ${said}`);
}

function fillWalker(at) {
  const { layers, parts, part } = activity;
  byId("layer-field").hidden = layers === 1;
  fillSelect(byId("layer"), Array.from({ length: layers }, (_, n) => [String(n + 1), String(n + 1)]), String(at.layer));
  fillSelect(byId("part"), parts.map(({ name, title }) => [name, `${name}, ${title}`]), at.part);
  for (const input of [byId("unit"), byId("walk")]) {
    input.max = String(part.units);
    input.disabled = false;
    // What is being typed is not written over.
    if (input !== document.activeElement || input.type === "range") input.value = String(at.unit);
  }
}

function drawMap() {
  const panel = byId("map-panel");
  panel.hidden = !activity.hasAll;
  if (panel.hidden) return;
  const { part, layer, layers } = activity;
  const where = layers > 1 ? ` of layer ${layer}` : "";
  byId("map-title").textContent = `All ${number(part.units)} units of the ${part.title}${where}`;
  const shown = {
    rows: part.units,
    columns: activity.characters.length,
    values: activity.picture(),
    kind: part.kind,
    label: byId("map-title").textContent,
  };
  if (map) return map.show(shown);
  map = heat(byId("map"), {
    ...shown,
    rowLabel: "unit",
    columnLabel: "character",
    describe: (row, column) => `unit ${row + 1} at ${activity.nameOf(column)}: ${number(activity.valuesOf(row + 1)[column], 3)}`,
    onpoint: (row, column) => {
      picked = row ?? picked;
      reading.point(column);
    },
  });
  map.element.addEventListener("click", pick);
  // Arrow keys begin at the unit that is shown.
  map.element.addEventListener("focusin", (event) => {
    if (event.target.matches(":focus-visible")) map.point(shownPlace().unit - 1, reading.cursor ?? 0);
  });
  map.element.addEventListener("keydown", (event) => event.key === "Enter" && pick());
}

function pick() {
  if (picked === null || picked >= activity.part.units) return;
  choose({ unit: picked + 1 });
}

/** The reader's own choice of a unit: it was chosen for no feature. */
function choose(changed) {
  move({ ...shownPlace(), ...changed });
}

function shownPlace() {
  return place ?? { layer: activity.layer, part: activity.part.name, unit: activity.unit };
}

function pointed(character) {
  map?.point(null, character);
}

function walked(event) {
  const unit = Math.round(Number(event.target.value));
  if (!activity || !(unit >= 1 && unit <= activity.part.units)) return;
  if (activity.hasAll) return choose({ unit });
  place = { ...shownPlace(), unit };
  showSoon();
}

function readText(chosen) {
  text = chosen;
  byId("back").disabled = text === null;
  show();
}

const capital = (words) => words[0].toUpperCase() + words.slice(1);

byId("stage").addEventListener("change", renew);
byId("layer").addEventListener("change", (event) => choose({ layer: Number(event.target.value) }));
byId("part").addEventListener("change", (event) => choose({ part: event.target.value }));
byId("unit").addEventListener("input", walked);
byId("unit").addEventListener("change", (event) => place && (event.target.value = String(place.unit)));
byId("walk").addEventListener("input", walked);
byId("own").addEventListener("submit", (event) => {
  event.preventDefault();
  if (run && byId("own-text").value) readText(byId("own-text").value);
});
byId("back").addEventListener("click", () => readText(null));

try {
  await chooseRun(byId("run"), opened, (grown) => {
    run = grown;
    fillStages();
    // Its best weights are final now; those shown were the best so far.
    if (run.state === "finished" && byId("stage").value === "best") renew();
  });
} catch (error) {
  notice(error.message);
}
