import type { Json, JsonObject } from './json.ts';

/** A block of states: a machine, a branch of a Parallel, or a Map's processor. */
export interface Block {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, State>>;
}

export interface Machine extends Block {
  readonly QueryLanguage?: string;
  readonly TimeoutSeconds?: number;
}

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds?: number;
  readonly MaxAttempts?: number;
  readonly BackoffRate?: number;
  readonly MaxDelaySeconds?: number;
  readonly JitterStrategy?: 'FULL' | 'NONE';
}

interface Catcher {
  readonly ErrorEquals: readonly string[];
  readonly Next: string;
  readonly Output?: Json;
  readonly Assign?: JsonObject;
}

interface ChoiceRule {
  readonly Condition: Json;
  readonly Next: string;
  readonly Output?: Json;
  readonly Assign?: JsonObject;
}

interface Processor extends Block {
  readonly ProcessorConfig?: {
    readonly Mode?: 'INLINE' | 'DISTRIBUTED';
    readonly ExecutionType?: 'STANDARD' | 'EXPRESS';
  };
}

type StateType = 'Pass' | 'Task' | 'Choice' | 'Wait' | 'Succeed' | 'Fail' | 'Parallel' | 'Map';

/** A state as validated: which fields it has follows from its Type. */
export interface State {
  readonly Type: StateType;
  readonly QueryLanguage?: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Output?: Json;
  readonly Assign?: JsonObject;
  readonly Arguments?: Json;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly Resource?: string;
  readonly TimeoutSeconds?: Json;
  readonly HeartbeatSeconds?: Json;
  readonly Credentials?: Json;
  readonly Choices?: readonly ChoiceRule[];
  readonly Default?: string;
  readonly Seconds?: Json;
  readonly Timestamp?: Json;
  readonly Error?: Json;
  readonly Cause?: Json;
  readonly Branches?: readonly Block[];
  readonly Items?: Json;
  readonly ItemSelector?: Json;
  readonly ItemProcessor?: Processor;
  readonly ItemReader?: JsonObject;
  readonly ItemBatcher?: JsonObject;
  readonly ResultWriter?: JsonObject;
  readonly MaxConcurrency?: Json;
  readonly ToleratedFailureCount?: Json;
  readonly ToleratedFailurePercentage?: Json;
  readonly Label?: string;
}

/** Where a block is within its machine: `[]`, or `['Fan Out', 1]` for a branch, `['Each Model']` for a processor. */
export type BlockPath = readonly (string | number)[];

/** @throws {Error} no such block: the definition is not the one the execution started with */
export function blockAt(machine: Block, path: BlockPath): Block {
  let block: Block = machine;
  for (const step of path) {
    const inner: Block | undefined =
      typeof step === 'number' ? (block as unknown as readonly Block[])[step] : innerOf(block.States[step]);
    if (!inner) throw new Error(`expected a block at ${path.join('/')}, got none`);
    block = inner;
  }
  return block;
}

/** A Parallel's branches are an array; the number that follows in the path picks one. */
const innerOf = (state: State | undefined): Block | undefined =>
  state?.ItemProcessor ?? (state?.Branches as unknown as Block | undefined);

/** Every state of a block, inner blocks included, with the block's path. */
export function* statesOf(
  block: Block,
  path: BlockPath = [],
): Generator<{ name: string; state: State; path: BlockPath }> {
  for (const [name, state] of Object.entries(block.States)) {
    yield { name, state, path };
    for (const [i, branch] of (state.Branches ?? []).entries()) yield* statesOf(branch, [...path, name, i]);
    if (state.ItemProcessor) yield* statesOf(state.ItemProcessor, [...path, name]);
  }
}
