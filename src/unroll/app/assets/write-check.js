// Fields that cannot be asked with: said below the buttons, marked, and led to.
import { byId, tell } from "./dom.js";

const STILL = { "writing…": "still writing the text before…", "searching…": "still searching as asked before…" };

/** Say which field cannot be asked with, and what goes on all the same; return whether all can. */
export function check({ wrong }) {
  tell(byId("wrong"), wrong?.told ?? "");
  byId("wrong").hidden = !wrong;
  for (const field of document.querySelectorAll("[aria-invalid]")) {
    if (field !== wrong?.field) field.removeAttribute("aria-invalid");
  }
  wrong?.field.setAttribute("aria-invalid", "true");
  const said = byId("said");
  if (wrong) tell(said, STILL[said.textContent] ?? said.textContent);
  return !wrong;
}

/** The reader has pressed: a field that is wrong takes the focus, else the text comes into view. */
export function lead({ wrong }) {
  if (wrong) {
    if (byId("settings").contains(wrong.field)) byId("settings").open = true;
    wrong.field.focus();
  } else if (byId("stage").getBoundingClientRect().top > innerHeight / 3) {
    byId("stage").scrollIntoView();
  }
}
