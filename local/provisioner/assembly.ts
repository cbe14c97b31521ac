import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { NotImplementedError } from '../service.ts';
import type { Template } from './template.ts';

/** One stack of a synthesized assembly. */
export interface Stack {
  readonly name: string;
  readonly template: Template;
  /** Values given at synthesis. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A file or directory that the templates refer to by bucket and key. */
interface Asset {
  readonly bucket: string;
  readonly key: string;
  /** Absolute. */
  readonly path: string;
}

export interface Assembly {
  /** In dependency order. */
  readonly stacks: readonly Stack[];
  readonly assets: readonly Asset[];
}

interface Artifact {
  readonly type: string;
  readonly dependencies?: readonly string[];
  readonly properties?: {
    readonly templateFile?: string;
    readonly stackName?: string;
    readonly file?: string;
    readonly directoryName?: string;
    readonly parameters?: Readonly<Record<string, string>>;
  };
}

interface AssetManifest {
  readonly files?: Readonly<
    Record<
      string,
      {
        readonly source: { readonly path?: string; readonly executable?: unknown };
        readonly destinations: Readonly<Record<string, { readonly bucketName: string; readonly objectKey: string }>>;
      }
    >
  >;
  readonly dockerImages?: Readonly<Record<string, unknown>>;
}

const IGNORED = new Set([
  'cdk:tree',
  'cdk:feature-flag-report',
  'cdk:validation-report',
  'cdk:cloud-formation-template',
]);

/**
 * Reads what `cdk synth` wrote.
 *
 * @param directory of manifest.json; nested stages are followed
 * @throws {NotImplementedError} container assets, unknown artifacts
 */
export function readAssembly(
  directory: string,
  names: { readonly account: string; readonly region: string },
): Assembly {
  const manifest = readJson<{ artifacts?: Record<string, Artifact> }>(join(directory, 'manifest.json'));
  const artifacts = new Map(Object.entries(manifest.artifacts ?? {}));
  const stacks: Stack[] = [];
  const assets: Asset[] = [];
  for (const id of ordered(artifacts)) {
    const { type, properties = {} } = artifacts.get(id)!;
    if (type === 'aws:cloudformation:stack') {
      const template = readJson<Template>(join(directory, properties.templateFile!));
      stacks.push({ name: properties.stackName ?? id, template, parameters: properties.parameters ?? {} });
    } else if (type === 'cdk:asset-manifest') {
      assets.push(...readAssets(directory, properties.file!, names));
    } else if (type === 'cdk:cloud-assembly') {
      const nested = readAssembly(join(directory, properties.directoryName!), names);
      stacks.push(...nested.stacks);
      assets.push(...nested.assets);
    } else if (!IGNORED.has(type)) {
      throw new NotImplementedError(`cloudformation:assembly artifact ${id} of type ${type}`);
    }
  }
  return { stacks, assets };
}

function readAssets(
  directory: string,
  file: string,
  { account, region }: { account: string; region: string },
): Asset[] {
  const manifest = readJson<AssetManifest>(join(directory, file));
  const [image] = Object.keys(manifest.dockerImages ?? {});
  if (image) throw new NotImplementedError(`cloudformation:assembly container asset ${image}`);
  const fill = (text: string) =>
    text
      .replaceAll(`\${AWS::AccountId}`, account)
      .replaceAll(`\${AWS::Region}`, region)
      .replaceAll(`\${AWS::Partition}`, 'aws');
  return Object.entries(manifest.files ?? {}).flatMap(([id, { source, destinations }]) => {
    if (source.path === undefined)
      throw new NotImplementedError(`cloudformation:assembly asset ${id} built by a command`);
    const path = resolve(directory, source.path);
    return Object.values(destinations).map(({ bucketName, objectKey }) => ({
      bucket: fill(bucketName),
      key: fill(objectKey),
      path,
    }));
  });
}

/** Artifact ids, each after what it depends on. */
function ordered(artifacts: ReadonlyMap<string, Artifact>): string[] {
  const done = new Set<string>();
  const visit = (id: string) => {
    if (done.has(id) || !artifacts.has(id)) return;
    done.add(id);
    artifacts.get(id)!.dependencies?.forEach(visit);
    order.push(id);
  };
  const order: string[] = [];
  for (const id of artifacts.keys()) visit(id);
  return order;
}

const readJson = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
