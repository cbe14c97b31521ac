import { DEFAULT_ROLLOUT } from '../deployment/rollout.ts';
import type { ModelDefinition, Rollout } from '../model-definition.ts';
import type { Fields } from './fields.ts';
import { IMAGE, INSTANCE_TYPE } from './patterns.ts';

export function parseServing(root: Fields): ModelDefinition['serving'] {
  const fields = root.section('serving', {
    known: ['mode', 'realtime', 'request', 'response', 'image', 'rollout'],
  });
  const realtime = fields.section('realtime', {
    known: ['instance', 'minInstances', 'maxInstances'],
    notYet: ['invocationsPerInstancePerMinute'],
  });
  const request = fields.section('request', { known: ['contentType'] });
  const response = fields.section('response', {
    known: ['contentType', 'scoreColumn'],
    notYet: ['scorePath', 'classes'],
  });
  const image = fields.optionalText('image', IMAGE, 'repository:tag, like launchway/flight-delays:1');
  const minInstances = realtime.number('minInstances', { min: 1, max: 100, integer: true }, 1);
  const maxInstances = realtime.number('maxInstances', { min: 1, max: 100, integer: true }, minInstances);
  if (maxInstances !== minInstances) {
    realtime.note(
      realtime.where('maxInstances'),
      'serving.realtime.maxInstances other than minInstances is not supported yet: endpoints do not scale by themselves',
    );
  }
  return {
    mode: fields.oneOf('mode', ['realtime'], ['serverless', 'batch'], 'realtime'),
    realtime: {
      instance: realtime.text('instance', INSTANCE_TYPE, 'an instance type like ml.m5.large', 'ml.m5.large'),
      minInstances,
      maxInstances,
    },
    request: { contentType: request.oneOf('contentType', ['text/csv'], ['application/json'], 'text/csv') },
    response: {
      contentType: response.oneOf('contentType', ['text/csv'], ['application/json'], 'text/csv'),
      scoreColumn: response.number('scoreColumn', { min: 0, max: 1000, integer: true }, 0),
    },
    ...(image !== undefined && { image }),
    ...(fields.has('rollout') && { rollout: parseRollout(fields) }),
  };
}

/** Half an hour twice, and instances to come up, are within what a deployment may take. */
const LONGEST_MINUTES = 30;
/** Three minutes must pass before two of them can be bad. */
const SHORTEST_MINUTES = 5;

function parseRollout(serving: Fields): Rollout {
  const fields = serving.section('rollout', {
    known: ['strategy', 'trafficPercent', 'minMinutes', 'minRequests', 'alarms'],
  });
  const alarms = fields.section('alarms', { known: ['p99ModelLatencyMs', 'maxErrorFraction'] });
  const { strategy, trafficPercent, minMinutes, minRequests, alarms: usual } = DEFAULT_ROLLOUT;
  const minutes = { min: SHORTEST_MINUTES, max: LONGEST_MINUTES, integer: true };
  return {
    strategy: fields.oneOf('strategy', ['canary', 'allAtOnce'], ['linear'], strategy),
    trafficPercent: fields.number('trafficPercent', { min: 1, max: 50, integer: true }, trafficPercent),
    minMinutes: fields.number('minMinutes', minutes, minMinutes),
    minRequests: fields.number('minRequests', { min: 0, max: 1e6, integer: true }, minRequests),
    alarms: {
      p99ModelLatencyMs: alarms.number('p99ModelLatencyMs', { min: 1, max: 60_000 }, usual.p99ModelLatencyMs),
      maxErrorFraction: alarms.number('maxErrorFraction', { min: 0, max: 0.99 }, usual.maxErrorFraction),
    },
  };
}
