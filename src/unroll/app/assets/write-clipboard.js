// Text that leaves the page, and text that comes into it.
import { byId, notice, number } from "./dom.js";

const MOST_PASTED = 20000; // of a prompt

export async function copyText(text) {
  if (!text) return;
  try {
    await navigator.clipboard.writeText(text);
    byId("said").textContent = "copied";
  } catch {
    notice("The browser does not let this page copy: select the text and copy it yourself.");
  }
}

/** A whole novel is refused before the browser lays it out, which takes it seconds. */
export function refuseNovels(box, refused) {
  box.addEventListener("paste", (event) => {
    const characters = [...event.clipboardData.getData("text")].length;
    if (characters <= MOST_PASTED) return;
    event.preventDefault();
    refused(`What you paste has ${number(characters)} characters: “Begin with” may have ${number(MOST_PASTED)} at most, and is left as it was.`);
  });
}
