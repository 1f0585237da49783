// What the reader had set and the text that was open: found again after a reload, or on coming back.
import { lasting } from "./dom.js";
import { readAddress, settingsOf } from "./write-address.js";

const KEY = "written";

/** Keep a state as the page is left: all settings, and the text if it has come to an end. */
export function keepOnLeaving(state) {
  addEventListener("pagehide", () => {
    const { text, ...rest } = state();
    const isWhole = text?.how && (text.isDone || text.isCut);
    const whole = isWhole ? { ...text, passages: null } : null;
    try {
      sessionStorage.setItem(KEY, JSON.stringify({ ...rest, text: whole, address: settingsOf() }));
    } catch {
      // A browser that keeps nothing, or not so much: the page begins anew next time.
    }
  });
}

/** Return the state to begin with, if any: an address wins, unless it is what this tab left there. */
export function opened() {
  const state = kept();
  const address = settingsOf();
  if (address === "" || address === state?.address) return state;
  const { all, problem } = readAddress();
  lasting(problem);
  return { all, opening: null, text: null };
}

function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}
