// The units that follow each feature of a text, as buttons.
import { signed } from "./colour.js";
import { el, number, say } from "./dom.js";
import { tips } from "./tip.js";

export class Followers {
  constructor(box, chosen) {
    this.box = box;
    this.chosen = chosen;
    this.found = null;
    tips(box, "button", (button) => button.dataset.tip);
  }

  wait() {
    this.found = null;
    const said = "Reading the held-out text with this network, and with the same one untrained. It takes some seconds.";
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
      `characters, the best first; shown is r on the ${second} after them, on which nothing was chosen. The network as it ` +
      "was before training goes through the same choice: what wiring and chance give.";
    const what = "with r, their correlation, on text they were not chosen on";
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
    return el("div", { class: "feature" }, heading, el("div", { class: "units" }, ...buttons));
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

function sentence(title, { told }, untrained) {
  if (told === null) return `Chosen for “${title}”, and constant on the text it was not chosen on.`;
  const beside = untrained?.told ?? 0;
  const said =
    `Follows “${title}” with r = ${written(told)} on text it was not chosen on; the best unit of the ` +
    `untrained network, chosen in the same way, with ${written(untrained ? beside : null)}.`;
  return Math.abs(told) > Math.abs(beside) ? said : `${said} That is no more than an untrained network does.`;
}

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
