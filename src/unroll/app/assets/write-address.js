// The address holds what the text that is shown was asked with: reload it, keep it, or send it.
//
//   prompt=A king   way=greedy   temperature=1.2   k=5   p=0.9   seed=3   length=400
//   beams=5   until=.   stage=300
//
// What is as at first is left out, but for the seed of draws: it tells an address with settings from
// one without. The book's own opening and a long beginning are left out, too, and what the way of
// choosing does not use. What else is there stays.
import { byId } from "./dom.js";

const MOST = 500; // characters of a beginning
const FIELDS = {
  prompt: "prompt", temperature: "temperature", k: "top-k", p: "top-p", seed: "seed", length: "length", beams: "beams", until: "until",
};
const USED = {
  draw: ["prompt", "temperature", "k", "p", "seed", "length"],
  greedy: ["prompt", "length"],
  beams: ["prompt", "beams", "until", "length"],
};
const NAMES = ["way", ...Object.keys(FIELDS)];

/** Return what the address says of a text that was asked with `all` settings. */
export function wordsOf({ all, opening, stage }) {
  const isOwn = all.prompt !== "" && all.prompt !== opening;
  const isLong = isOwn && [...all.prompt].length > MOST;
  const words = { way: all.way === "draw" ? null : all.way, stage };
  for (const [name, id] of Object.entries(FIELDS)) {
    const isFirst = String(all[id]) === byId(id).defaultValue && name !== "seed";
    words[name] = isFirst || !USED[all.way].includes(name) ? null : String(all[id]);
  }
  if (!isOwn || isLong) words.prompt = null;
  return { words, isLong };
}

/** Write it into the address, and say what does not travel. */
export function writeAddress({ words, isLong }) {
  const address = new URL(location.href);
  for (const [name, value] of Object.entries(words)) {
    address.searchParams.delete(name); // what was there stands elsewhere than what is new
    if (value !== null) address.searchParams.append(name, value);
  }
  if (address.href !== location.href) history.replaceState(null, "", address);
  byId("travels").hidden = !isLong;
}

/** What of the address is settings; "" for none. */
export function settingsOf() {
  const words = new URLSearchParams(location.search);
  return NAMES.filter((name) => words.has(name)).map((name) => `${name}=${words.get(name)}`).join("\n");
}

/** Return the settings of the address, and what could not be read of them. */
export function readAddress() {
  const words = new URLSearchParams(location.search);
  const way = words.get("way") ?? "draw";
  const wrong = Object.hasOwn(USED, way) ? [] : ["way"];
  const all = { way: wrong.length ? "draw" : way };
  for (const [name, id] of Object.entries(FIELDS)) {
    const value = words.get(name) ?? byId(id).defaultValue;
    const fits = isFit(byId(id), value);
    all[id] = fits ? value : byId(id).defaultValue;
    if (!fits) wrong.push(name);
  }
  const problem = wrong.length ? `Not all of this address can be read (${wrong.join(", ")}): what it cannot say is as at first.` : null;
  return { all, problem };
}

/** Whether a field takes a value as it is: a range moves one that it has not, a number drops it. */
function isFit(field, value) {
  if (field.maxLength >= 0 && value.length > field.maxLength) return false;
  const probe = field.cloneNode();
  probe.value = value;
  return (field.type === "textarea" || probe.value === value) && probe.validity.valid;
}
