import type { ModelDefinition } from '../model-definition.ts';
import type { Fields } from './fields.ts';
import { IMAGE, INSTANCE_TYPE } from './patterns.ts';

export function parseServing(root: Fields): ModelDefinition['serving'] {
  const fields = root.section('serving', {
    known: ['mode', 'realtime', 'request', 'response', 'image'],
    notYet: ['rollout'],
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
  };
}
