// The buttons and fields of the page, and what each of them asks for.
import { byId } from "./dom.js";
import { check } from "./write-check.js";
import { refuseNovels } from "./write-clipboard.js";

/** Listen to them; `rewrite` hears of a setting with which the text can be written again. */
export function listen({ settings, press, stop, copy, rewrite }) {
  byId("settings").open = matchMedia("(min-width: 48.01rem)").matches;
  byId("write").addEventListener("click", press);
  byId("stop").addEventListener("click", stop);
  byId("again").addEventListener("click", () => {
    settings.newSeed();
    press();
  });
  byId("copy").addEventListener("click", copy);
  for (const id of ["prompt", "length"]) byId(id).addEventListener("input", () => check(settings));
  refuseNovels(byId("prompt"), (told) => check({ wrong: { field: byId("prompt"), told } }));
  settings.listen(() => {
    if (check(settings)) rewrite();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") stop();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) press();
  });
}

/** Show the text, or the texts that a search found. */
export function showPart(name) {
  for (const part of ["text", "found"]) byId(part).hidden = part !== name;
  byId("copy").disabled = name !== "text";
}
