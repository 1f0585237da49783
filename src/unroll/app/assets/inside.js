// Look inside: one unit of a network along a text, and the units that follow what a reader tracks.
import { get, latest, post } from "./api.js";
import { chooseRun, remember, remembered } from "./chooser.js";
import { legend } from "./colour.js";
import { byId, el, fillSelect, notice, number, say, settled, tell } from "./dom.js";
import { Activity } from "./inside-activity.js";
import { dropUnit, keepUnit, lackOf, lastUnit, readUnit, writeUnit } from "./inside-address.js";
import { Followers } from "./inside-followers.js";
import { UnitMap } from "./inside-map.js";
import { ownText } from "./inside-own.js";
import { Reading } from "./inside-reading.js";

const followers = new Followers(byId("followers"), (feature, follower) => {
  follow(feature, follower);
  keepUnit(run.id, place);
  seeText();
});
const reading = new Reading(byId("text"), byId("strip"), byId("said"), (character) => map.point(character));
const map = new UnitMap({ chosen: pick, pointed: (character) => reading.point(character) });
let run = null;
let text = null; // a text of the reader's own; null for the held-out passage
let place = readUnit(); // { layer, part, unit }, all counted from 1
let isAddressed = place !== null; // by a link, which may be of another network
let followed = null; // the feature whose follower is shown
let activity = null;
let activityOf = null; // whose it is: network, weights and text
let isRefused = false; // whether the notice says so
const asking = latest();
const measuring = latest();

function opened(chosen) {
  const isFirst = run === null;
  const isAnother = !isFirst && run.id !== chosen.id;
  run = chosen;
  if (isAnother) {
    place = followed = null;
    dropUnit();
  }
  if (!place && (isAnother || remembered("unit") === null)) {
    place = lastUnit(run.id);
    isAddressed = place !== null;
    if (place) writeUnit(place);
  }
  const stage = remembered("stage");
  fillStages();
  if (isFirst) checkAddress(stage);
  else notice(null);
  renew();
}

/** Say what this network has not, of what the address asks for. */
function checkAddress(stage) {
  const lack = place && lackOf(place, run);
  // What the address has may be no unit at all.
  if (lack || !place) {
    place = null;
    dropUnit();
  }
  isAddressed = place !== null;
  const lost = stage && stage !== byId("stage").value ? `Weights of step ${stage} are not there: shown are the best.` : "";
  const said = [lack, lost].filter(Boolean).join(" ");
  // A network that is gone says so first, and the rest of the address was of that one.
  if (said && byId("lasting").hidden) notice(said);
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
    // What the reader has begun to look at is not taken away.
    if (!place && text === null && reading.cursor === null) begin(found);
    else if (activity) tellFound();
  } catch (error) {
    if (signal.aborted) return;
    followers.fail(error.message);
    byId("claim").textContent = "";
  }
}

/** Show the unit that follows anything best, of those in the list. */
function begin({ parts }) {
  const strongest = followers.strongest();
  if (strongest) follow(strongest.feature, strongest.follower);
  else move({ layer: 1, part: parts.at(-1).name, unit: 1 });
}

/** On a narrow screen the text is above the list, and on every one above the map. */
function seeText() {
  if (byId("text").getBoundingClientRect().bottom < 80) byId("what").scrollIntoView();
}

function follow(feature, { layer, part, unit }) {
  followed = feature;
  move({ layer, part, unit });
}

/** Go to another unit; the text is only read again where its values are not here already. */
function move(to) {
  place = to;
  byId("walker-said").textContent = "";
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
    if (isRefused) notice(null);
    isAddressed = isRefused = false;
    activity = new Activity(answer);
    activityOf = of;
    reading.read(activity);
    draw();
    map.show(activity, shownPlace(), reading.cursor);
  } catch (error) {
    if (signal.aborted) return;
    notice(error);
    isRefused = true;
    if (!isAddressed) return;
    isAddressed = false;
    place = null;
    // Only a server that answers knows that there is no such unit.
    if (error.status) dropUnit();
    if (followers.found) begin(followers.found);
  }
}

function draw() {
  const at = shownPlace();
  // One that only stands here while all are measured was chosen by nobody.
  if (place) writeUnit(place);
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
  map.mark(at);
  tellFound();
}

function tellFound() {
  followers.press(shownPlace(), followed);
  claim();
}

function claim() {
  const isMeasuring = !followers.found && !place;
  const said = isMeasuring ? "Unit 1, while all units are being measured." : followers.claim(shownPlace(), followed);
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

function pick(unit) {
  choose({ unit });
  seeText();
}

/** The reader's own choice of a unit: it was chosen for no feature. */
function choose(changed) {
  move({ ...shownPlace(), ...changed });
  keepUnit(run.id, place);
}

function shownPlace() {
  return place ?? { layer: activity.layer, part: activity.part.name, unit: activity.unit };
}

/** Return the unit that is asked for; null, and a word, where there is none such. */
function walkedTo({ value }) {
  const { units } = activity.part;
  const isThere = /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= units;
  tell(byId("walker-said"), isThere ? "" : `Units are whole numbers from 1 to ${number(units)}; shown is still ${shownPlace().unit}.`);
  return isThere ? Number(value) : null;
}

function walked(event) {
  // An empty field is one that is being typed in.
  const unit = activity && event.target.value && walkedTo(event.target);
  if (!unit) return;
  if (activity.hasAll) return choose({ unit });
  place = { ...shownPlace(), unit };
  keepUnit(run.id, place);
  showSoon();
}

const capital = (words) => words[0].toUpperCase() + words.slice(1);

byId("stage").addEventListener("change", () => {
  notice(null);
  renew();
});
byId("layer").addEventListener("change", (event) => choose({ layer: Number(event.target.value) }));
byId("part").addEventListener("change", (event) => choose({ part: event.target.value }));
byId("unit").addEventListener("input", walked);
byId("unit").addEventListener("change", ({ target }) => {
  if (activity && !walkedTo(target)) target.value = String(shownPlace().unit);
});
byId("walk").addEventListener("input", walked);
ownText((chosen) => {
  text = chosen;
  if (run) show();
});

try {
  await chooseRun(byId("run"), opened, (grown) => {
    run = grown;
    fillStages();
    // Its best weights are final now; those shown were the best so far.
    if (run.state === "finished" && byId("stage").value === "best") renew();
  });
} catch (error) {
  notice(error);
}
