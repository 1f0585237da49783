// What the reader had set and the text that was open: found again after a reload, or on coming back.

const KEY = "write";

/** Keep a state as the page is left. */
export function keepOnLeaving(state) {
  addEventListener("pagehide", () => {
    try {
      sessionStorage.setItem(KEY, JSON.stringify(state()));
    } catch {
      // A browser that keeps nothing, or not so much: the page begins anew next time.
    }
  });
}

/** Return the state that was kept in this tab; null for none. */
export function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}
