// Spread: a graph is drawn, and the news of one node goes through layer after layer.
import { latest, post } from "./api.js";
import { legend } from "./colour.js";
import { byId, el, fillSelect, notice, settled, showRange, swap, tell } from "./dom.js";
import { readAddress, writeAddress } from "./spread-address.js";
import { Drawing } from "./spread-drawing.js";
import { Graph } from "./spread-graph.js";
import { View } from "./spread-view.js";
import { edits, warn } from "./spread-edits.js";
import { chosenEdge, showLists } from "./spread-lists.js";
import { showMatrix } from "./spread-matrix.js";
import { showMore } from "./spread-scroll.js";
import { heldTable, sumTable } from "./spread-tables.js";
import { HINTS, UNKNOWN, shade, short, toldMost, toldNews, toldNode, toldNumbers } from "./spread-words.js";

const LAYERS = 12;
const STEP_MS = 1300;
const LATE_MS = 400; // an answer that takes longer than this leaves nothing of the graph before

const graph = new Graph();
const state = { source: null, chosen: null, pending: null, mode: "read", layer: 0, kind: "gcn", heads: 2, head: "mean", seed: 0, matrix: "weights" };
let view = null; // what is known of the graph: of an earlier one while the server is asked
const asking = latest();
let playing = null;
let isMissed = false; // the last question has found no answer
const keepAddress = settled(() => writeAddress(graph, state), 150);

const drawing = new Drawing({
  empty: (x, y) => state.mode === "draw" && addNode(x, y),
  node: pressNode,
  edge: (edge, isShifted) => state.mode === "draw" && (isShifted && graph.isDirected ? turn(edge) : separate(edge)),
  moving: () => graph.keep(),
  moved: show,
  numbered: (numbers) => tell(byId("numbers"), view ? toldNumbers(view, state.layer, state.head, { ...numbers, isDirected: graph.isDirected }) : ""),
  remove: (node) => {
    if (state.mode !== "draw") return;
    removeNode(node);
    drawing.focus(state.chosen);
  },
  cancel: () => { state.pending = null; show(); },
});
const { addNode, removeNode, join, separate, turn, undo, undoByKey } = edits({ graph, state, drawing, changed, show, pause });

/** The graph or its layers have changed: ask the server, and show what it answers. */
async function changed() {
  settle();
  const signal = asking();
  isMissed = false;
  showLists(graph, state.source);
  if (!graph.nodes.length) {
    view = null;
    notice(null);
    return show();
  }
  show();
  const late = setTimeout(forget, LATE_MS);
  try {
    const answer = await post("spread", asked(), signal);
    if (signal.aborted) return;
    view = new View(answer, [...graph.nodes], state.source, { kind: state.kind, heads: state.heads, layers: LAYERS });
    notice(null);
    show();
  } catch (error) {
    if (error.name === "AbortError" || signal.aborted) return;
    isMissed = true;
    pause();
    forget();
    notice(error);
  } finally {
    clearTimeout(late);
  }
}

function asked() {
  const place = (node) => graph.nodes.indexOf(node);
  return {
    kind: state.kind, heads: state.heads, seed: state.seed, layers: LAYERS,
    nodes: graph.nodes.length, directed: graph.isDirected, source: place(state.source),
    sources: graph.edges.map(({ from }) => place(from)), targets: graph.edges.map(({ to }) => place(to)),
  };
}

/** What is known of an earlier graph says nothing about this one. */
function forget() {
  view = null;
  show();
}

/** Source and chosen node are nodes that there are, after an undo as well. */
function settle() {
  const now = (node) => (node ? graph.named(node.name) : undefined);
  state.source = now(state.source) ?? graph.nodes[0] ?? null;
  state.chosen = now(state.chosen) ?? state.source;
  state.pending = now(state.pending) ?? null;
}

function show() {
  const is = view !== null;
  const k = state.layer;
  drawing.show(drawn(k));
  byId("layer").value = String(k);
  showRange(byId("layer"));
  byId("back").disabled = k === 0;
  byId("forth").disabled = k === LAYERS || !graph.nodes.length;
  byId("play").disabled = byId("layer").disabled = !graph.nodes.length;
  byId("hint").textContent = HINTS[state.mode] + (state.mode === "draw" && graph.isDirected ? HINTS.turn : "");
  byId("undo").disabled = graph.past.length === 0;
  byId("directed").checked = graph.isDirected;
  byId("gat").hidden = state.kind !== "gat";
  tell(byId("told"), is ? toldNews(view, k) : UNKNOWN[!graph.nodes.length ? "empty" : isMissed ? "missed" : "asked"]);
  keepAddress();
  document.querySelector(".tables").hidden = !is;
  if (!is) return;
  showColours();
  const chosen = view.nodes.includes(state.chosen) ? state.chosen : view.source;
  byId("sum-title").textContent = k ? `What ${chosen.name} adds up in layer ${k}` : `What ${chosen.name} begins with: layer 0`;
  swap(byId("sum"), sumTable(view, chosen, k), followButton(chosen) ?? "");
  byId("held-title").textContent = `What is left of ${view.source.name}’s news after each layer`;
  swap(byId("held"), heldTable(view, k, (layer) => step(layer)));
  showMatrix(view, { k, chosen, name: state.matrix });
}

function showColours() {
  const most = toldMost(view);
  const place = byId("colours");
  if (place.dataset.most === most) return;
  place.dataset.most = most;
  place.replaceChildren(legend("share", "holds 0", most));
}

function followButton(node) {
  if (node === view.source) return null;
  const follow = () => { state.source = node; begin(); drawing.focus(node); };
  return el("button", { type: "button", onclick: follow }, `Follow ${node.name}’s news`);
}

/** What the drawing shows at layer k. */
function drawn(k) {
  const known = (node) => view?.news.has(node);
  const held = (node, layer) => (known(node) ? view.news.get(node)[layer] : 0);
  const sends = (node) => k > 0 && held(node, k - 1) > 0;
  const hops = (node) => (known(node) ? view.hops.get(node) : undefined);
  return {
    graph, source: state.source, chosen: state.chosen, pending: state.pending, isDrawing: state.mode === "draw",
    look: (node) => {
      const value = held(node, k);
      const wait = hops(node) === null ? "no way" : hops(node) > k ? `after ${hops(node)}` : "";
      return {
        fill: shade(value, view?.most), value: value > 0 ? short(value) : wait, hasHeard: value > 0,
        isNew: k > 0 && hops(node) === k, label: known(node) ? toldNode(view, node, k) : node.name,
      };
    },
    weights: (edge) => view?.edgeWeights(edge, Math.max(k, 1), state.head, graph.isDirected) ?? [],
    isCarrying: ({ from, to }) => sends(from) || (!graph.isDirected && sends(to)),
    isFront: ({ from, to }) => k > 0 && ((hops(from) === k - 1 && hops(to) === k) || (!graph.isDirected && hops(to) === k - 1 && hops(from) === k)),
  };
}

/** Go to a layer; one layer on, the messages are seen on their way. */
function step(layer, isPlaying = false) {
  if (!isPlaying) pause();
  const isOn = layer === state.layer + 1;
  state.layer = Math.min(LAYERS, Math.max(0, layer));
  if (isMissed) changed();
  else show();
  drawing.travel(isOn && view ? view.messages(state.layer) : []);
}

async function play(last) {
  pause();
  if (isMissed) await changed();
  if (isMissed) return;
  if (state.layer >= last) step(0);
  playing = setInterval(() => {
    step(state.layer + 1, true);
    if (state.layer >= last) pause();
  }, STEP_MS);
  byId("play").textContent = "Pause";
}

function pause() {
  clearInterval(playing);
  playing = null;
  byId("play").textContent = "Play";
}

/** Another source, or another graph: its news sets out again. */
function begin() {
  pause();
  state.layer = 0;
  return changed();
}

function pressNode(node) {
  const from = state.pending;
  state.chosen = node;
  state.pending = state.mode === "draw" && from === null ? node : null;
  if (state.mode === "draw" && from && from !== node) join(from, node);
  else if (isMissed) changed();
  else show();
}

function showHeads() {
  const names = [["mean", "mean of the heads"], ...Array.from({ length: state.heads }, (_, i) => [String(i), `head ${i + 1}`])];
  if (!names.some(([name]) => name === state.head)) state.head = "mean";
  fillSelect(byId("head"), names, state.head);
}

function listen() {
  const on = (id, name, task) => byId(id).addEventListener(name, task);
  on("layer", "input", (event) => step(Number(event.target.value)));
  on("back", "click", () => step(state.layer - 1));
  on("forth", "click", () => step(state.layer + 1));
  on("play", "click", () => (playing ? pause() : play(LAYERS)));
  on("modes", "change", (event) => { state.mode = event.target.value; state.pending = null; warn(null); show(); });
  on("kinds", "change", (event) => { state.kind = event.target.value; changed(); });
  on("heads", "input", (event) => { state.heads = Number(event.target.value); showHeads(); changed(); });
  on("head", "change", (event) => { state.head = event.target.value; show(); });
  on("again", "click", () => { state.seed += 1; changed(); });
  on("matrices", "change", (event) => { state.matrix = event.target.value; show(); });
  on("source", "change", (event) => { state.source = graph.named(event.target.value); begin(); });
  on("directed", "change", (event) => { graph.direct(event.target.checked); changed(); });
  on("undo", "click", undo);
  document.addEventListener("keydown", undoByKey);
  on("add", "click", () => addNode(...graph.freePlace()));
  on("join", "click", () => join(graph.named(byId("from").value), graph.named(byId("to").value)));
  on("separate", "click", () => separate(chosenEdge(graph)));
  on("turn", "click", () => turn(chosenEdge(graph)));
  on("remove", "click", () => removeNode(graph.named(byId("node").value)));
  for (const button of byId("presets").querySelectorAll("[value]")) button.addEventListener("click", () => take(button.value));
}

function take(preset) {
  warn(null);
  state.source = graph.named(graph.become(preset)) ?? null;
  state.chosen = null;
  if (preset === "none") document.querySelector("[name=mode][value=draw]").click();
  return begin();
}

/** What the address says, or the assignment's graph before any layer: the reader sets it going. */
async function open() {
  const { problem, ...given } = readAddress(graph);
  Object.assign(state, given);
  document.querySelector(`[name=kind][value=${state.kind}]`).checked = true;
  byId("heads").value = String(state.heads);
  showRange(byId("heads"));
  showHeads();
  showColours();
  listen();
  showMore(document.querySelector(".tables"));
  await changed();
  if (problem && !isMissed) notice(problem);
}

open();
