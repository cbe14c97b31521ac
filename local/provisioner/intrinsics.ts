import { NotImplementedError, ServiceError } from '../service.ts';
import { attributeReference, intrinsicOf, type Template } from './template.ts';

/** What references resolve to, besides what the template says itself. */
export interface Surroundings {
  readonly account: string;
  readonly region: string;
  readonly stackName: string;
  readonly stackId: string;
  /** Parameter values; defaults are the template's. */
  readonly parameters: Readonly<Record<string, string>>;
  ref(logicalId: string): string;
  attribute(logicalId: string, attribute: string): string;
  importValue(name: string): string;
}

/** Stands for `AWS::NoValue`: whatever holds it drops it. */
const NOTHING = Symbol('AWS::NoValue');

export const INTRINSICS: ReadonlySet<string> = new Set([
  'Ref',
  'Fn::GetAtt',
  'Fn::Sub',
  'Fn::Join',
  'Fn::ImportValue',
  'Fn::Select',
  'Fn::Split',
  'Fn::FindInMap',
  'Fn::If',
  'Fn::Base64',
  'Fn::Equals',
  'Fn::And',
  'Fn::Or',
  'Fn::Not',
]);

/** Resolves intrinsics of one template. */
export class Resolver {
  readonly #template: Template;
  readonly #surroundings: Surroundings;

  constructor(template: Template, surroundings: Surroundings) {
    this.#template = template;
    this.#surroundings = surroundings;
  }

  /**
   * A value without intrinsics; members that are `AWS::NoValue` are gone.
   *
   * @throws {ServiceError} ValidationError for a reference to nothing
   * @throws {NotImplementedError} an intrinsic that is missing here
   */
  resolve(value: unknown): unknown {
    const resolved = this.#resolve(value);
    return resolved === NOTHING ? undefined : resolved;
  }

  /** Whether a condition of the template holds. */
  condition(name: string): boolean {
    const conditions = this.#template.Conditions ?? {};
    if (!Object.hasOwn(conditions, name)) throw invalid(`expected a condition of the template, got ${name}`);
    return this.#holds(conditions[name]);
  }

  #resolve(value: unknown): unknown {
    const intrinsic = intrinsicOf(value);
    if (intrinsic) return this.#intrinsic(...intrinsic);
    if (Array.isArray(value)) return value.map((item) => this.#resolve(item)).filter((item) => item !== NOTHING);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, member]) => [key, this.#resolve(member)] as const)
        .filter(([, member]) => member !== NOTHING),
    );
  }

  #intrinsic(name: string, argument: unknown): unknown {
    switch (name) {
      case 'Ref':
        return this.#ref(String(argument));
      case 'Fn::GetAtt':
        return this.#getAtt(argument);
      case 'Fn::Sub':
        return this.#sub(argument);
      case 'Fn::Join':
        return this.#join(argument);
      case 'Fn::ImportValue':
        return this.#surroundings.importValue(this.#text(argument));
      case 'Fn::Select':
        return this.#select(argument);
      case 'Fn::Split':
        return this.#split(argument);
      case 'Fn::FindInMap':
        return this.#findInMap(argument);
      case 'Fn::If': {
        const [condition, yes, no] = argument as [string, unknown, unknown];
        return this.#resolve(this.condition(condition) ? yes : no);
      }
      case 'Fn::Base64':
        return Buffer.from(this.#text(argument)).toString('base64');
      default:
        throw new NotImplementedError(`cloudformation:${name}`);
    }
  }

  #ref(name: string): unknown {
    const { account, region, stackName, stackId, parameters } = this.#surroundings;
    const pseudo: Readonly<Record<string, unknown>> = {
      'AWS::AccountId': account,
      'AWS::Region': region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': stackName,
      'AWS::StackId': stackId,
      'AWS::NoValue': NOTHING,
      'AWS::NotificationARNs': [],
    };
    if (Object.hasOwn(pseudo, name)) return pseudo[name];
    if (name.startsWith('AWS::')) throw new NotImplementedError(`cloudformation:Ref ${name}`);
    const declared = this.#template.Parameters ?? {};
    if (!Object.hasOwn(declared, name)) return this.#surroundings.ref(name);
    const { Type: type, Default: fallback } = declared[name]!;
    if (type.startsWith('AWS::SSM::'))
      throw new NotImplementedError(`cloudformation:Parameter ${name} of type ${type}`);
    const value = Object.hasOwn(parameters, name) ? parameters[name] : fallback;
    if (value === undefined) throw invalid(`expected a value for parameter ${name}, got none`);
    return type === 'CommaDelimitedList' || type.startsWith('List<') ? String(value).split(/\s*,\s*/) : String(value);
  }

  #getAtt(argument: unknown): string {
    const reference = attributeReference(argument);
    if (!reference) throw new NotImplementedError(`cloudformation:Fn::GetAtt ${JSON.stringify(argument)}`);
    return this.#surroundings.attribute(...reference);
  }

  #sub(argument: unknown): string {
    const [text, values] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, Record<string, unknown>];
    return text.replace(/\$\{([^}]*)\}/g, (_, inside: string) => {
      const name = inside.trim();
      if (name.startsWith('!')) return `\${${name.slice(1)}}`;
      if (Object.hasOwn(values, name)) return this.#text(values[name]);
      return name.includes('.') ? this.#getAtt(name) : asText(this.#ref(name), `Fn::Sub ${name}`);
    });
  }

  #join(argument: unknown): string {
    const [delimiter, list] = argument as [string, unknown];
    return this.#list(list)
      .map((item) => asText(item, 'Fn::Join'))
      .join(delimiter);
  }

  #select(argument: unknown): unknown {
    const [index, list] = argument as [unknown, unknown];
    const items = this.#list(list);
    const position = Number(this.#text(index));
    if (!(position in items)) throw invalid(`expected an index below ${items.length} in Fn::Select, got ${position}`);
    return items[position];
  }

  #split(argument: unknown): string[] {
    const [delimiter, text] = argument as [string, unknown];
    return this.#text(text).split(delimiter);
  }

  #findInMap(argument: unknown): unknown {
    const [map = '', first = '', second = ''] = this.#list(argument).map(String);
    const value = this.#template.Mappings?.[map]?.[first]?.[second];
    if (value === undefined) throw invalid(`expected an entry of Mappings, got ${map}.${first}.${second}`);
    return value;
  }

  #holds(expression: unknown): boolean {
    const reference = (expression as { Condition?: string })?.Condition;
    if (reference !== undefined) return this.condition(reference);
    const [name, argument] = intrinsicOf(expression) ?? [];
    const parts = argument as unknown[];
    switch (name) {
      case 'Fn::Equals':
        return JSON.stringify(this.#resolve(parts[0])) === JSON.stringify(this.#resolve(parts[1]));
      case 'Fn::And':
        return parts.every((part) => this.#holds(part));
      case 'Fn::Or':
        return parts.some((part) => this.#holds(part));
      case 'Fn::Not':
        return !this.#holds(parts[0]);
      default:
        throw new NotImplementedError(`cloudformation:Conditions ${JSON.stringify(expression)}`);
    }
  }

  #list(value: unknown): unknown[] {
    const resolved = this.#resolve(value);
    if (!Array.isArray(resolved)) throw invalid(`expected a list, got ${JSON.stringify(resolved)}`);
    return resolved;
  }

  #text(value: unknown): string {
    return asText(this.#resolve(value), JSON.stringify(value));
  }
}

function asText(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw invalid(`expected text in ${where}, got ${JSON.stringify(value)}`);
}

const invalid = (message: string): ServiceError => new ServiceError('ValidationError', message);
