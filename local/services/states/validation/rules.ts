import type { State } from '../definition.ts';
import { isObject } from '../json.ts';
import { patternOf } from '../resource-name.ts';
import { type Finding, invalid } from './finding.ts';

/** Longest name of a Distributed Map within the ARNs of its children. */
const LONGEST_LABEL = 40;

const LABEL = /^[^\s?*<>{}[\]:;,\\|^~$#%&`"\p{Cc}]+$/u;

/** What only a Distributed Map has. */
const DISTRIBUTED_ONLY = ['ItemReader', 'ItemBatcher', 'ResultWriter', 'Label'] as const;

/** Rules between the fields of a JSONata state. */
export function ruleFindings(state: State, location: string): Finding[] {
  const { Type, TimeoutSeconds, HeartbeatSeconds } = state;
  const found: Finding[] = [...errorRules(state, location)];
  if (Type === 'Wait' && (state.Seconds === undefined) === (state.Timestamp === undefined)) {
    found.push(invalid('expected exactly one of Seconds and Timestamp', location));
  }
  if (Type === 'Choice' && Array.isArray(state.Choices) && state.Choices.length === 0) {
    found.push(invalid('expected at least one choice', `${location}/Choices`));
  }
  if (
    typeof TimeoutSeconds === 'number' &&
    typeof HeartbeatSeconds === 'number' &&
    HeartbeatSeconds >= TimeoutSeconds
  ) {
    found.push(invalid('expected HeartbeatSeconds to be less than TimeoutSeconds', `${location}/HeartbeatSeconds`));
  }
  if (typeof state.Resource === 'string' && !/^(arn:|\$\{)/.test(state.Resource)) {
    found.push(invalid('Value is not a valid resource ARN', `${location}/Resource`));
  }
  return Type === 'Map' ? [...found, ...mapRules(state, location)] : found;
}

function mapRules(state: State, location: string): Finding[] {
  const found: Finding[] = [];
  const { Mode = 'INLINE', ExecutionType } = state.ItemProcessor?.ProcessorConfig ?? {};
  const at = `${location}/ItemProcessor/ProcessorConfig`;
  if (Mode !== 'INLINE' && Mode !== 'DISTRIBUTED')
    found.push(invalid(`expected a Mode of INLINE or DISTRIBUTED, got ${Mode}`, `${at}/Mode`));
  if (Mode === 'DISTRIBUTED' && ExecutionType !== 'STANDARD' && ExecutionType !== 'EXPRESS') {
    found.push(
      invalid(`expected an ExecutionType of STANDARD or EXPRESS, got ${ExecutionType}`, `${at}/ExecutionType`),
    );
  }
  for (const field of DISTRIBUTED_ONLY) {
    if (state[field] === undefined || Mode === 'DISTRIBUTED') continue;
    found.push(invalid(`Field '${field}' is supported by a Map of Mode DISTRIBUTED only`, `${location}/${field}`));
  }
  if (state.Items !== undefined && state.ItemReader !== undefined) {
    found.push(invalid('expected at most one of Items and ItemReader', `${location}/Items`));
  }
  const { Label } = state;
  if (typeof Label === 'string' && (Label.length > LONGEST_LABEL || !LABEL.test(Label))) {
    found.push(invalid(`expected a label of 1 to ${LONGEST_LABEL} characters that an ARN takes`, `${location}/Label`));
  }
  return found;
}

/** Which errors retriers and catchers may name, and in which order. */
function errorRules(state: State, location: string): Finding[] {
  const found: Finding[] = [];
  for (const field of ['Retry', 'Catch'] as const) {
    const list: readonly unknown[] = Array.isArray(state[field]) ? state[field] : [];
    for (const [i, one] of list.entries()) {
      const names: unknown = isObject(one) ? one.ErrorEquals : undefined;
      if (!Array.isArray(names)) continue;
      const at = `${location}/${field}[${i}]/ErrorEquals`;
      if (names.length === 0 || names.some((name) => typeof name !== 'string')) {
        found.push(invalid('expected the names of one or more errors', at));
      } else if (names.includes('States.ALL') && (names.length > 1 || i < list.length - 1)) {
        found.push(invalid('States.ALL must appear alone, and in the last place', at));
      }
    }
  }
  return [...found, ...delayRules(state, location)];
}

const delayRules = (state: State, location: string): Finding[] =>
  (Array.isArray(state.Retry) ? state.Retry : []).flatMap((retrier, i) => {
    const { IntervalSeconds = 1, MaxDelaySeconds } = isObject(retrier) ? retrier : {};
    return typeof MaxDelaySeconds === 'number' && MaxDelaySeconds <= Number(IntervalSeconds)
      ? [
          invalid(
            'expected MaxDelaySeconds to be greater than IntervalSeconds',
            `${location}/Retry[${i}]/MaxDelaySeconds`,
          ),
        ]
      : [];
  });

/** An express execution cannot wait for a job or a token. */
export function expressFindings(state: State, location: string): Finding[] {
  const pattern = patternOf(state.Resource ?? '');
  if (pattern === 'request') return [];
  const suffix = pattern === 'token' ? '.waitForTaskToken' : '.sync';
  // The space at the end is the service's own.
  return [invalid(`Express state machine does not support '${suffix}' service integration `, `${location}/Resource`)];
}
