// What every page does: a range shows its value, and what is wider than the page can be scrolled
// with the keyboard; links of the menu take the chosen run along; a mistake in a page is told. Pages
// import nothing from here.
//
// A range inside `.range` writes its value into the label's <output>; `data-unit` on the output is
// put after it. Set a range's value from a script, and send it an "input" event, or call
// `dom.js: showRange(input)`.

import { carry } from "./address.js";
import { lasting, settled, showRange } from "./dom.js";

carry();
addEventListener("popstate", carry);

const told = (error) => error instanceof Error && error.name !== "AbortError" && lasting(error);
addEventListener("error", (event) => told(event.error));
addEventListener("unhandledrejection", (event) => told(event.reason));

document.addEventListener("input", (event) => {
  if (event.target.type === "range") showRange(event.target);
});
for (const range of document.querySelectorAll(".range input[type=range]")) showRange(range);

// Only what is indeed too wide takes the focus.
function reach() {
  for (const scroller of document.querySelectorAll(".scroll")) {
    if (scroller.scrollWidth > scroller.clientWidth) scroller.tabIndex = 0;
    else scroller.removeAttribute("tabindex");
  }
}
new ResizeObserver(reach).observe(document.body);
new MutationObserver(settled(reach)).observe(document.body, { childList: true, subtree: true });
