// A model that learns while its page is open: it writes anew by itself, until somebody reads.
import { byId } from "./dom.js";

export class Growth {
  /** `begin(isAnew)` writes a text. */
  constructor(stages, branches, begin) {
    Object.assign(this, { stages, branches, begin });
    this.isRead = false;
    const read = () => (this.isRead = true);
    for (const kind of ["pointerdown", "keydown", "wheel"]) addEventListener(kind, read, { passive: true, capture: true });
    byId("text").addEventListener("pointermove", read, { passive: true });
    byId("weights").addEventListener("input", () => this.offer(false));
    byId("newer").querySelector("button").addEventListener("click", () => this.take());
  }

  /** The run has come further: a text that somebody may be reading is not written over. */
  heard(run) {
    const { stages } = this;
    const stoodAtEnd = stages.isAtEnd;
    const stays = this.isRead || !stoodAtEnd || Boolean(this.branches.current?.isChosen);
    stages.grow(run, stays);
    if (!stays) this.begin(true);
    else if (stoodAtEnd && !stages.isAtEnd) this.offer(true);
  }

  offer(isShown) {
    byId("newer").hidden = !isShown;
  }

  take() {
    this.offer(false);
    this.isRead = false;
    this.stages.toEnd();
    this.begin(true);
  }
}
