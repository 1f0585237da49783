// What a reader does to the graph, and what is said of it. `page` is what spread.js has:
// { graph, state, drawing, changed(), show(), pause() }.
import { byId, say } from "./dom.js";

/** Say which limit was met, or take it away. */
export function warn(text) {
  byId("limits").textContent = text ?? "";
}

/** Return what can be done: { addNode, removeNode, join, separate, turn, undo, undoByKey }. */
export function edits(page) {
  const { graph, state, drawing, changed, show, pause } = page;

  function addNode(x, y) {
    const { node, problem } = graph.add(x, y, state.pending);
    warn(problem);
    state.pending = null;
    if (!node) return show();
    pause();
    state.chosen = node;
    changed();
    drawing.focus(node);
  }

  function removeNode(node) {
    pause();
    warn(null);
    graph.remove(node);
    say(`${node.name} is removed`);
    changed();
  }

  function join(from, to) {
    const problem = graph.join(from, to);
    warn(problem);
    if (!problem) say(`edge ${graph.edgeName({ from, to })}`);
    return changed();
  }

  function separate(edge) {
    warn(null);
    graph.separate(edge);
    say(`edge ${graph.edgeName(edge)} is removed`);
    changed();
  }

  function turn(edge) {
    const problem = graph.turn(edge);
    warn(problem);
    if (!problem) say(`edge ${graph.edgeName({ from: edge.to, to: edge.from })}`);
    changed();
    // In the list the same edge stays chosen, so that a second press turns it back.
    if (!problem) byId("edge").value = edge.to.name + edge.from.name;
  }

  function undo() {
    if (!graph.past.length) return;
    const isInside = byId("graph").contains(document.activeElement);
    pause();
    graph.undo();
    warn(null);
    changed();
    if (isInside) drawing.focus(state.chosen);
  }

  function undoByKey(event) {
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    undo();
  }

  return { addNode, removeNode, join, separate, turn, undo, undoByKey };
}
