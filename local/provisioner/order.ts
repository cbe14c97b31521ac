import { ServiceError } from '../service.ts';
import { attributeReference, intrinsicOf, namesInSub, type TemplateResource } from './template.ts';

/** Everything a value refers to by name: resources, parameters and pseudo parameters. */
export function referencesIn(value: unknown): Set<string> {
  const names = new Set<string>();
  const visit = (part: unknown): void => {
    const [name, argument] = intrinsicOf(part) ?? [];
    if (name === 'Ref') names.add(String(argument));
    const attribute = name === 'Fn::GetAtt' ? attributeReference(argument) : undefined;
    if (attribute) names.add(attribute[0]);
    if (name === 'Fn::Sub') {
      const [text, given] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, object];
      for (const inside of namesInSub(text)) if (!Object.hasOwn(given, inside)) names.add(inside.split('.')[0]!);
    }
    if (typeof part === 'object' && part !== null) Object.values(part).forEach(visit);
  };
  visit(value);
  return names;
}

/**
 * Logical ids, each after what it refers to.
 *
 * @throws {ServiceError} ValidationError naming a circle of dependencies
 */
export function creationOrder(resources: ReadonlyMap<string, TemplateResource>): string[] {
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (logicalId: string, path: readonly string[]): void => {
    const resource = resources.get(logicalId);
    if (!resource || state.get(logicalId) === 'done') return;
    if (state.get(logicalId) === 'open') {
      const circle = [...path.slice(path.indexOf(logicalId)), logicalId].join(' → ');
      throw new ServiceError('ValidationError', `expected no circular dependency, got ${circle}`);
    }
    state.set(logicalId, 'open');
    for (const name of [...[resource.DependsOn ?? []].flat(), ...referencesIn(resource.Properties)]) {
      visit(name, [...path, logicalId]);
    }
    state.set(logicalId, 'done');
    order.push(logicalId);
  };
  for (const logicalId of resources.keys()) visit(logicalId, []);
  return order;
}
