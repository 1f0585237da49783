// The address holds what is shown: reload it, keep it, or send it.
//
//   graph=ring    a known graph, or each node's name and its place in hundredths: A7450B5012…
//   edges=ABAE…   whom they join; way=one where they go one way
//   kind=gat  heads=3  seed=5  source=C  layer=4
//
// What is as at first is left out; what else is in the address stays.
import { Graph, MOST_EDGES, MOST_NODES, PRESETS } from "./spread-graph.js";

const FIRST = { graph: "six", edges: "", way: "both", kind: "gcn", heads: "2", seed: "0", source: "", layer: "0" };
const NODES = new RegExp(`^([A-Z]\\d{4}){1,${MOST_NODES}}$`);
const EDGES = new RegExp(`^([A-Z]{2}){0,${MOST_EDGES}}$`);
const VALUES = { way: /^(one|both)$/, kind: /^(gcn|gat)$/, heads: /^[1-4]$/, seed: /^\d{1,15}$/, layer: /^(\d|1[0-2])$/ };

/** Write what is shown into the address. */
export function writeAddress(graph, { source, layer, kind, heads, seed }) {
  const address = new URL(location.href);
  const [nodes, edges] = coded(graph);
  const known = Object.keys(PRESETS).find((name) => coded(shaped(name)).join() === [nodes, edges].join());
  const byDefault = known ? PRESETS[known]().source : graph.nodes[0]?.name;
  const values = {
    graph: known ?? nodes, edges: known ? "" : edges, way: graph.isDirected ? "one" : "both",
    kind, heads: String(heads), seed: String(seed),
    source: source && source.name !== byDefault ? source.name : "", layer: String(layer),
  };
  for (const [name, value] of Object.entries(values)) {
    address.searchParams.delete(name); // what was there stands elsewhere than what is new
    if (value !== FIRST[name]) address.searchParams.append(name, value);
  }
  if (address.href !== location.href) history.replaceState(null, "", address);
}

/** Put the address's graph in place and return the rest; `problem` says what could not be read. */
export function readAddress(graph) {
  const words = new URLSearchParams(location.search);
  const given = Object.fromEntries(Object.keys(FIRST).map((name) => [name, words.get(name) ?? FIRST[name]]));
  const wrong = Object.keys(VALUES).filter((name) => !VALUES[name].test(given[name]));
  for (const name of wrong) given[name] = FIRST[name];
  const drawn = Object.hasOwn(PRESETS, given.graph) ? null : decoded(given);
  const name = Object.hasOwn(PRESETS, given.graph) ? given.graph : FIRST.graph;
  if (drawn) graph.set(drawn);
  const byDefault = drawn ? null : graph.become(name);
  graph.isDirected = given.way === "one";
  graph.past = [];
  if (!drawn && given.graph !== name) wrong.push("graph");
  if (given.source && !graph.named(given.source)) wrong.push("source");
  return {
    kind: given.kind, heads: Number(given.heads), seed: Number(given.seed), layer: Number(given.layer),
    source: graph.named(given.source) ?? graph.named(byDefault) ?? null,
    problem: wrong.length ? `Not all of this address can be read (${wrong.join(", ")}): shown is what comes first.` : null,
  };
}

function shaped(name) {
  const graph = new Graph();
  graph.become(name);
  return graph;
}

const hundredths = (value) => String(Math.min(99, Math.round(100 * value))).padStart(2, "0");

function coded({ nodes, edges }) {
  const places = nodes.map(({ name, x, y }) => name + hundredths(x) + hundredths(y));
  return [places.join(""), edges.map(({ from, to }) => from.name + to.name).join("")];
}

/** The graph that the address spells, or null where it spells none. */
function decoded({ graph, edges, way }) {
  if (!NODES.test(graph) || !EDGES.test(edges)) return null;
  const places = graph.match(/.{5}/g).map((one) => [one[0], [one.slice(1, 3) / 100, one.slice(3) / 100]]);
  const pairs = edges.match(/../g) ?? [];
  const names = new Set(places.map(([name]) => name));
  const sides = pairs.map((pair) => (way === "one" ? pair : [...pair].sort().join("")));
  const isWhole = pairs.every(([from, to]) => from !== to && names.has(from) && names.has(to));
  if (!isWhole || names.size < places.length || new Set(sides).size < pairs.length) return null;
  return { places: places.sort(([one], [other]) => (one < other ? -1 : 1)), edges: pairs };
}
