/** A box to place; sizes in pixels. */
export interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout<E extends Edge> {
  readonly width: number;
  readonly height: number;
  /** Top left corner by id. */
  readonly places: ReadonlyMap<string, Point>;
  /** Each edge with the points it runs through, from the bottom of one box to the top of another (or round its side, going back). */
  readonly routes: readonly { readonly edge: E; readonly points: readonly Point[]; readonly back: boolean }[];
}

const GAP_X = 28;
const GAP_Y = 42;
/** Room of an edge that passes a layer. */
const LANE = 14;

interface Slot {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  x: number;
}

/**
 * Places boxes in layers from top to bottom, each below everything that leads to it; edges that go back run along the right side.
 *
 * @param boxes the first is where it starts
 */
export function layered<E extends Edge>(boxes: readonly Box[], edges: readonly E[]): Layout<E> {
  const { forward, backward } = withoutCycles(boxes, edges);
  const ranks = ranksOf(boxes, forward);
  const { layers, chains } = layersOf(boxes, forward, ranks);
  const before = new Map<string, string[]>();
  for (const chain of chains.values())
    for (let at = 1; at < chain.length; at++) push(before, chain[at]!, chain[at - 1]!);
  order(layers, before);
  const slots = new Map(layers.flat().map((slot) => [slot.id, slot]));
  for (const layer of layers) spread(layer, before, slots);
  const left = Math.min(...[...slots.values()].map(({ x }) => x));
  for (const slot of slots.values()) slot.x -= left;
  const tops = topsOf(layers);
  const right = Math.max(...[...slots.values()].map(({ x, width }) => x + width));
  const top = (id: string) => tops.y[ranks.get(id)!]!;
  const size = new Map(boxes.map((box) => [box.id, box]));
  const routes = [...chains].map(([edge, chain]) => ({
    edge,
    back: false,
    points: chain.flatMap((id, at) => {
      const x = slots.get(id)!.x + slots.get(id)!.width / 2;
      const y = tops.y[ranks.get(chain[0]!)! + at]!;
      if (at === 0) return [{ x, y: y + size.get(id)!.height }];
      if (at === chain.length - 1) return [{ x, y }];
      return [
        { x, y },
        { x, y: y + tops.heights[ranks.get(chain[0]!)! + at]! },
      ];
    }),
  }));
  const returns = backward.map((edge, index) => {
    const [from, to] = [edge.from, edge.to].map((id) => ({
      x: slots.get(id)!.x + size.get(id)!.width,
      y: top(id) + size.get(id)!.height / 2,
    })) as [Point, Point];
    const x = right + LANE * (index + 1);
    return { edge, back: true, points: [from, { x, y: from.y }, { x, y: to.y + 6 }, { x: to.x, y: to.y + 6 }] };
  });
  return {
    width: right + (backward.length > 0 ? LANE * (backward.length + 1) : 0),
    height: tops.height,
    places: new Map(boxes.map(({ id }) => [id, { x: slots.get(id)!.x, y: top(id) }])),
    routes: [...routes, ...returns],
  };
}

/** Parts edges that lead back to where a walk from the start has come from. Walks with a stack of its own: definitions may be long. */
function withoutCycles<E extends Edge>(boxes: readonly Box[], edges: readonly E[]) {
  const leaving = new Map<string, E[]>();
  for (const edge of edges) push(leaving, edge.from, edge);
  const backward = new Set<E>();
  const state = new Map<string, 'open' | 'done'>();
  for (const { id } of boxes) {
    if (state.has(id)) continue;
    state.set(id, 'open');
    const stack = [{ id, next: 0 }];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const edge = leaving.get(top.id)?.[top.next++];
      if (!edge) {
        state.set(top.id, 'done');
        stack.pop();
      } else if (state.get(edge.to) === 'open') backward.add(edge);
      else if (!state.has(edge.to)) {
        state.set(edge.to, 'open');
        stack.push({ id: edge.to, next: 0 });
      }
    }
  }
  return { forward: edges.filter((edge) => !backward.has(edge)), backward: [...backward] };
}

/** The longest way to each box, by relaxing until nothing moves; there are no cycles left. */
function ranksOf(boxes: readonly Box[], edges: readonly Edge[]): Map<string, number> {
  const ranks = new Map(boxes.map(({ id }) => [id, 0]));
  let moved = true;
  while (moved) {
    moved = false;
    for (const { from, to } of edges) {
      if (ranks.get(to)! > ranks.get(from)!) continue;
      ranks.set(to, ranks.get(from)! + 1);
      moved = true;
    }
  }
  return ranks;
}

/** Boxes by rank, and for every edge the slots it passes; a slot of its own in each layer between. */
function layersOf<E extends Edge>(boxes: readonly Box[], edges: readonly E[], ranks: ReadonlyMap<string, number>) {
  const layers: Slot[][] = [];
  for (const box of boxes) {
    layers[ranks.get(box.id)!] ??= [];
    layers[ranks.get(box.id)!]!.push({ ...box, x: 0 });
  }
  const chains = new Map<E, string[]>();
  edges.forEach((edge, index) => {
    const chain = [edge.from];
    for (let rank = ranks.get(edge.from)! + 1; rank < ranks.get(edge.to)!; rank++) {
      const id = `\0${index}/${rank}`;
      layers[rank]!.push({ id, width: LANE, height: 0, x: 0 });
      chain.push(id);
    }
    chains.set(edge, [...chain, edge.to]);
  });
  return { layers, chains };
}

/** Sorts each layer by where its predecessors are, which keeps most edges from crossing. */
function order(layers: Slot[][], before: ReadonlyMap<string, readonly string[]>): void {
  const position = new Map<string, number>();
  for (const layer of layers) {
    const wanted = new Map(
      layer.map(({ id }, index) => [id, mean((before.get(id) ?? []).map((other) => position.get(other)!)) ?? index]),
    );
    layer.sort((a, b) => wanted.get(a.id)! - wanted.get(b.id)!);
    layer.forEach(({ id }, index) => {
      position.set(id, (index + 0.5) / layer.length);
    });
  }
}

/** Puts each slot of a layer below its predecessors as far as its neighbours leave room, and the layer as a whole in their middle. */
function spread(
  layer: readonly Slot[],
  before: ReadonlyMap<string, readonly string[]>,
  slots: ReadonlyMap<string, Slot>,
) {
  const wanted = layer.map((slot) => {
    const centres = (before.get(slot.id) ?? []).map((id) => slots.get(id)!.x + slots.get(id)!.width / 2);
    return (mean(centres) ?? 0) - slot.width / 2;
  });
  let free = Number.NEGATIVE_INFINITY;
  layer.forEach((slot, index) => {
    slot.x = Math.max(wanted[index]!, free);
    free = slot.x + slot.width + GAP_X;
  });
  const shift = mean(layer.map((slot, index) => wanted[index]! - slot.x)) ?? 0;
  for (const slot of layer) slot.x += shift;
}

function topsOf(layers: readonly (readonly Slot[])[]) {
  const heights = layers.map((layer) => Math.max(...layer.map(({ height }) => height)));
  const y: number[] = [];
  let next = 0;
  for (const height of heights) {
    y.push(next);
    next += height + GAP_Y;
  }
  return { y, heights, height: next - GAP_Y };
}

const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
