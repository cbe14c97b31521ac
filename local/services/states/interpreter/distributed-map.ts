import type { State } from '../definition.ts';
import type { Line } from './line.ts';
import { type Exit, shape } from './steps.ts';

/** Map, distributed: an execution per item or batch. */
export async function distributedMap(line: Line, state: State): Promise<Exit> {
  const result = await line.ports.distributedMap(line);
  return shape(line, state, { result }, result);
}
