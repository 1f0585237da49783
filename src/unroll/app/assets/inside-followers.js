// The units that follow each feature of a text, as buttons.
import { signed } from "./colour.js";
import { el, number, say } from "./dom.js";
import { tips } from "./tip.js";

// |r|, as it is written, from which a unit is said to follow, and to follow weakly.
const CLOSE = 0.5;
const WEAK = 0.2;

export class Followers {
  constructor(box, chosen) {
    this.box = box;
    this.chosen = chosen;
    this.found = null;
    tips(box, "button", (button) => button.dataset.tip);
  }

  wait() {
    this.found = null;
    const said = "Reading the held-out text with this network, and with the same one untrained. It takes a few seconds.";
    this.box.replaceChildren(el("p", { class: "soft" }, said));
    say(said);
  }

  fail(reason) {
    this.box.replaceChildren(el("p", { class: "notice" }, reason));
  }

  show(found) {
    this.found = found;
    this.titles = new Map(found.parts.map(({ name, title }) => [name, title]));
    const [first, second] = found.halves.map((characters) => number(characters));
    const how =
      `Chosen among all units and gates by the size of r, Pearson’s correlation, on ${first} held-out ` +
      `characters, the best first, and never sorted again; shown is r on the ${second} after them, on which nothing was ` +
      "chosen. The network as it was before training goes through the same choice: what wiring and chance give. With " +
      `a size of ${number(CLOSE, 1)} or more it is said to follow, of ${number(WEAK, 1)} or more to follow weakly. The page ` +
      "opens at the strongest of the list, by the r that is shown: the largest of so many is a little larger by chance.";
    const what = "Beside each stands r, its correlation, on text it was not chosen on; first stands what was chosen first.";
    this.box.replaceChildren(
      el("p", { class: "soft" }, what),
      ...found.features.map((feature) => this.list(feature)),
      el("details", {}, el("summary", {}, "How this is measured"), el("p", { class: "remark" }, how), definitions(found)),
    );
  }

  list(feature) {
    const { title, followers, lack, untrained } = feature;
    if (lack) return el("div", { class: "feature" }, el("h3", {}, title), el("p", { class: "soft" }, `Too little to tell: ${lack}.`));
    const beside = untrained ? `untrained ${written(untrained.told)}` : "";
    const heading = el("div", { class: "heading" }, el("h3", {}, title), el("span", { class: "soft" }, beside));
    if (!followers.length) return el("div", { class: "feature" }, heading, el("p", { class: "soft" }, "No unit moves."));
    const buttons = followers.map((follower) => this.button(feature, follower));
    const said = verdict(followers[0], untrained);
    const remark = said ? el("p", { class: "soft" }, said) : null;
    return el("div", { class: "feature" }, heading, remark, el("div", { class: "units" }, ...buttons));
  }

  button(feature, follower) {
    const { layer, part, unit, told, chosen } = follower;
    const where = this.found.layers > 1 ? el("sub", {}, String(layer)) : null;
    const words = `${this.titles.get(part)}, unit ${unit}, layer ${layer}`;
    const button = el(
      "button",
      {
        type: "button",
        "aria-pressed": "false",
        "aria-label": `${words}: r ${written(told)}`,
        data: { place: placed(follower), feature: feature.name, tip: `${words}. It was chosen with r = ${written(chosen)} on the first half.` },
        onclick: () => this.chosen(feature, follower),
      },
      el("span", {}, part, where, ` ${unit}`),
      el("span", { class: "r" }, written(told)),
    );
    button.style.setProperty("background", signed(told ?? 0));
    return button;
  }

  /** Return the strongest of the list, { feature, follower }: of those above the untrained network, if there are such. */
  strongest() {
    const every = this.found.features.flatMap((feature) => feature.followers.map((follower) => ({ feature, follower })));
    const learned = every.filter(({ feature, follower }) => isLearned(follower, feature.untrained));
    const size = ({ follower: { chosen, told } }) => (chosen * told > 0 ? Math.abs(told) : 0);
    return (learned.length ? learned : every).reduce((best, one) => (best && size(best) >= size(one) ? best : one), null);
  }

  press(place, followed) {
    for (const button of this.box.querySelectorAll("button[data-place]")) {
      const isIt = button.dataset.place === placed(place) && (!followed || button.dataset.feature === followed.name);
      button.setAttribute("aria-pressed", String(isIt));
    }
  }

  /** Return what is known of a unit, in a sentence. */
  claim(place, followed) {
    if (!this.found) return "";
    const features = [...this.found.features].sort((one) => (one.name === followed?.name ? -1 : 0));
    for (const { title, followers, untrained } of features) {
      const follower = followers.find((one) => placed(one) === placed(place));
      if (follower) return sentence(title, follower, untrained);
    }
    return "Of no feature in the list is it among the five that follow best.";
  }
}

/** Return what is to be said of the best unit of a feature, where that is little. */
function verdict(best, untrained) {
  const size = sizeOf(best);
  const weak = size >= CLOSE ? "" : size >= WEAK ? "Followed weakly." : "No unit follows it.";
  return [weak, isLearned(best, untrained) ? "" : "The untrained network does as much or more."].filter(Boolean).join(" ");
}

function sentence(title, follower, untrained) {
  if (follower.told === null) return `Chosen for “${title}”, and constant on the text it was not chosen on.`;
  const size = sizeOf(follower);
  const how = size >= CLOSE ? "Follows" : size >= WEAK ? "Weakly follows" : "Does not follow";
  const said =
    `${how} “${title}”: r = ${written(follower.told)} on text it was not ` +
    `chosen on. The best unit of the untrained network, chosen in the same way, has ${written(untrained?.told ?? null)}.`;
  return isLearned(follower, untrained) ? said : `${said} So training need not have brought this.`;
}

/** The size of r as it is written, on text that nothing was chosen on; 0 where its sign has turned. */
const sizeOf = ({ chosen, told }) => (chosen * told > 0 ? Math.round(100 * Math.abs(told)) / 100 : 0);
const isLearned = ({ told }, untrained) => Math.abs(told ?? 0) > Math.abs(untrained?.told ?? 0);

function definitions({ features }) {
  const entries = features.flatMap(({ title, definition, marks, name }) => {
    const counted = name === "line_position" ? "line ends" : "characters";
    const found = `${number(marks[0])} and ${number(marks[1])} ${counted} in the two halves.`;
    return [el("dt", {}, title), el("dd", {}, `${definition} ${found}`)];
  });
  return el("dl", { class: "remark" }, ...entries);
}

const placed = ({ layer, part, unit }) => `${layer}-${part}-${unit}`;
const written = (r) => (r === null ? "constant" : `${r > 0 ? "+" : ""}${number(r, 2)}`);
