import { type Box, type Edge, type Layout, layered, type Point } from './graph-layout.ts';
import { type Markup, markup } from './markup.ts';
import type { Outcome } from './visits.ts';

/** What of a state's definition the graph shows. */
interface StateDefinition {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next?: string }[];
  readonly Catch?: readonly { readonly Next: string }[];
  readonly Branches?: readonly Block[];
  readonly ItemProcessor?: Block;
  readonly Iterator?: Block;
}

export interface Block {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, StateDefinition>>;
}

/** What happened in a state, over all its visits. */
export interface StateMark {
  readonly outcome: Outcome;
  readonly visits: number;
  /** Where the page tells of it: `state-3`. */
  readonly anchor: string;
}

interface Transition extends Edge {
  readonly caught: boolean;
}

interface Drawn {
  readonly width: number;
  readonly height: number;
  at(origin: Point): Markup;
}

const HEIGHT = 44;
const PADDING = 16;
const TITLE = 30;
/** Longest label that fits the widest box; the whole name is in its tooltip. */
const LONGEST = 30;
const START = '\0start';

const SIGNS: Readonly<Record<Outcome, string>> = {
  succeeded: '✓',
  failed: '✕',
  caught: '↷',
  running: '…',
  stopped: '◼',
};

/**
 * The definition as a picture: a box per state, the states of a Map or Parallel inside its box, dotted lines where errors are caught.
 *
 * @param marks by state name; a state without one was not reached. State names are unique in a state machine.
 */
export function graphOf(definition: Block, marks: ReadonlyMap<string, StateMark>): Markup {
  const drawn = drawBlock(definition, marks);
  const [width, height] = [drawn.width + 4, drawn.height + 4].map(Math.ceil) as [number, number];
  return markup`<svg role="group" aria-label="Graph of states" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>
${drawn.at({ x: 2, y: 2 })}</svg>`;
}

function drawBlock(block: Block, marks: ReadonlyMap<string, StateMark>): Drawn {
  // A Map of names, since a state may be called `constructor`.
  const states = new Map(Object.entries(block.States));
  const drawings = new Map([...states].map(([name, state]) => [name, drawState(name, state, marks)]));
  const boxes: Box[] = [
    { id: START, width: 12, height: 12 },
    ...[...drawings].map(([id, { width, height }]) => ({ id, width, height })),
  ];
  const transitions = [{ from: START, to: block.StartAt, caught: false }, ...[...states].flatMap(transitionsOf)];
  const layout = layered(
    boxes,
    transitions.filter(({ to }) => states.has(to)),
  );
  return {
    width: layout.width,
    height: layout.height,
    at: (origin) => {
      const place = (id: string) => shifted(layout.places.get(id)!, origin);
      const start = place(START);
      return markup`<circle cx="${start.x + 6}" cy="${start.y + 6}" r="6"/>${edgesOf(layout, origin)}${[
        ...drawings,
      ].map(([id, drawing]) => drawing.at(place(id)))}`;
    },
  };
}

function transitionsOf([from, state]: readonly [string, StateDefinition]): Transition[] {
  const plain = [state.Next, ...(state.Choices ?? []).map(({ Next }) => Next), state.Default];
  const caught = (state.Catch ?? []).map(({ Next }) => Next);
  return [
    ...[...new Set(plain)].filter((to) => to !== undefined).map((to) => ({ from, to, caught: false })),
    ...[...new Set(caught)].map((to) => ({ from, to, caught: true })),
  ];
}

function drawState(name: string, state: StateDefinition, marks: ReadonlyMap<string, StateMark>): Drawn {
  const inside = [...(state.Branches ?? []), state.ItemProcessor, state.Iterator]
    .filter((block) => block !== undefined)
    .map((block) => drawBlock(block, marks));
  const label = [...name].length > LONGEST ? `${[...name].slice(0, LONGEST - 1).join('')}…` : name;
  const own = Math.max(120, 30 + 8 * [...label].length);
  const content = inside.reduce((sum, { width }) => sum + width + PADDING, PADDING);
  const width = inside.length > 0 ? Math.max(own, content) : own;
  const height = inside.length > 0 ? TITLE + 2 * PADDING + Math.max(...inside.map(({ height }) => height)) : HEIGHT;
  const mark = marks.get(name);
  const what = [state.Type, mark && mark.visits > 1 && `${mark.visits} times`].filter(Boolean).join(' · ');
  return {
    width,
    height,
    at: ({ x, y }) => {
      let left = x + (width - content) / 2 + PADDING;
      const parts = inside.map((block) => {
        const drawn = block.at({ x: left, y: y + TITLE + PADDING });
        left += block.width + PADDING;
        return drawn;
      });
      const box = markup`<title>${name} (${state.Type}): ${mark?.outcome ?? 'not reached'}</title><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="7"/><text x="${x + width / 2}" y="${y + 19}" text-anchor="middle">${mark && `${SIGNS[mark.outcome]} `}${label}</text><text class="detail" x="${x + width / 2}" y="${y + 34}" text-anchor="middle">${what}</text>`;
      const linked = mark ? markup`<a href="#${mark.anchor}">${box}</a>` : box;
      return markup`<g class="${mark?.outcome ?? 'not-reached'}${inside.length > 0 && ' group'}">${linked}</g>${parts}`;
    },
  };
}

const edgesOf = (layout: Layout<Transition>, origin: Point): Markup =>
  markup`${layout.routes.map(({ edge, points, back }) => {
    const path = back ? cornered(points, origin) : curved(points, origin);
    return markup`<path d="${path}" marker-end="url(#tip)"${edge.caught && markup` class="caught-edge"`}/>`;
  })}`;

function curved(points: readonly Point[], origin: Point): string {
  const [first, ...rest] = points.map((point) => shifted(point, origin));
  let at = first!;
  let path = `M${at.x} ${at.y}`;
  for (const to of rest) {
    const middle = (at.y + to.y) / 2;
    path += at.x === to.x ? `L${to.x} ${to.y}` : `C${at.x} ${middle} ${to.x} ${middle} ${to.x} ${to.y}`;
    at = to;
  }
  return path;
}

const cornered = (points: readonly Point[], origin: Point): string =>
  points
    .map((point) => shifted(point, origin))
    .map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x} ${y}`)
    .join('');

const shifted = ({ x, y }: Point, by: Point): Point => ({ x: round(x + by.x), y: round(y + by.y) });

const round = (value: number): number => Math.round(value * 10) / 10;
