import { type Cloud, NotImplementedError } from '../../service.ts';
import type { Executions } from './executions.ts';
import type { Line } from './interpreter/line.ts';
import type { Json } from './json.ts';

/** Runs a Distributed Map: an execution per item or batch. */
export async function runDistributedMap(_cloud: Cloud, _executions: Executions, _line: Line): Promise<Json> {
  throw new NotImplementedError('states:Map ProcessorConfig Mode DISTRIBUTED');
}
