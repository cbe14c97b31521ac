import type { Integration } from './interpreter/ports.ts';

/** Which integration pattern a resource's ending asks for. */
export function patternOf(resource: string): Integration['pattern'] {
  if (resource.endsWith('.waitForTaskToken')) return 'token';
  return /\.sync(:2)?$/.test(resource) ? 'sync' : 'request';
}
