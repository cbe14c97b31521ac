import { NotImplementedError, type ResourceHandler } from '../service.ts';
import type { Stack } from './assembly.ts';
import { INTRINSICS } from './intrinsics.ts';
import { referencesIn } from './order.ts';
import { intrinsicOf, type TemplateResource } from './template.ts';

const SECTIONS = new Set([
  'AWSTemplateFormatVersion',
  'Description',
  'Metadata',
  'Parameters',
  'Rules',
  'Mappings',
  'Conditions',
  'Resources',
  'Outputs',
]);
const ATTRIBUTES = new Set([
  'Type',
  'Properties',
  'DependsOn',
  'Condition',
  'DeletionPolicy',
  'UpdateReplacePolicy',
  'Metadata',
]);

/**
 * Refuses a template that needs what is missing here, before anything is created.
 *
 * @throws {NotImplementedError} all that is missing, each as `Stack/LogicalId Type Property`
 */
export function checkStacks(stacks: readonly Stack[], handlers: ReadonlyMap<string, ResourceHandler>): void {
  const missing = stacks.flatMap((stack) => [
    ...Object.keys(stack.template)
      .filter((section) => !SECTIONS.has(section))
      .map((section) => `${stack.name} ${section}`),
    ...Object.entries(stack.template.Resources).flatMap(([logicalId, resource]) =>
      missingIn(resource, handlers).map((what) => `${stack.name}/${logicalId} ${what}`),
    ),
    ...danglingReferences(stack),
  ]);
  if (missing.length > 0) throw new NotImplementedError(`cloudformation:\n  ${missing.join('\n  ')}`);
}

function missingIn(resource: TemplateResource, handlers: ReadonlyMap<string, ResourceHandler>): string[] {
  const { Type: type, Properties: properties = {} } = resource;
  const handler = handlers.get(type);
  if (!handler) return [type];
  return [
    ...Object.keys(resource)
      .filter((attribute) => !ATTRIBUTES.has(attribute))
      .map((attribute) => `${type} ${attribute}`),
    ...Object.entries(properties)
      .filter(([property, value]) => !handler.properties.includes(property) && !isNoValue(value))
      .map(([property]) => `${type} ${property}`),
    ...unknownIntrinsics(properties).map((what) => `${type} ${what}`),
  ];
}

function unknownIntrinsics(value: unknown): string[] {
  if (typeof value === 'string') return value.includes('{{resolve:') ? [`dynamic reference ${value}`] : [];
  if (typeof value !== 'object' || value === null) return [];
  const [name] = intrinsicOf(value) ?? [];
  return [
    ...(name !== undefined && !INTRINSICS.has(name) ? [name] : []),
    ...Object.values(value).flatMap(unknownIntrinsics),
  ];
}

function danglingReferences({ name, template }: Stack): string[] {
  const known = new Set([...Object.keys(template.Resources), ...Object.keys(template.Parameters ?? {})]);
  return [...referencesIn({ resources: template.Resources, outputs: template.Outputs })]
    .filter((reference) => !known.has(reference) && !reference.startsWith('AWS::'))
    .map((reference) => `${name} refers to ${reference}, which it does not have`);
}

const isNoValue = (value: unknown): boolean => {
  const [name, argument] = intrinsicOf(value) ?? [];
  return name === 'Ref' && argument === 'AWS::NoValue';
};
