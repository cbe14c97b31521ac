import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { Command } from 'commander';
import { gatesPass } from '../../domain/evaluation/gates-pass.ts';
import type { ReleaseRow } from '../../domain/release.ts';
import type { EvaluationResult } from '../../domain/step-results.ts';
import { type Connection, connect } from '../connection.ts';
import { type CommonOptions, createOutput, JSON_OPTION, parseReleaseName, UsageError } from '../output.ts';

interface Options {
  readonly open?: boolean;
  readonly out?: string;
}

export function registerReport(program: Command): void {
  program
    .command('report')
    .description("a release's evaluation as one page: verdict, gates, plots, slices, what it rests on, provenance")
    .argument('<release>', 'model/release: flight-delays/3')
    .option('--out <file>', 'where to write it; - for stdout (default: MODEL-RELEASE-evaluation.html here)')
    .option('--open', 'show it in the browser; written to a temporary folder unless --out says where')
    .option('--json', JSON_OPTION)
    .action(async (subject: string, options: Options, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const { model, release } = parseReleaseName(subject);
      if (options.out === '-' && json) throw new UsageError('expected --json or --out -, got both');
      const connection = await connect(prefix);
      const row = await connection.lineage.getRelease(model, release);
      const { evaluation, page } = pageOf(row);
      const html = await fetchPage(connection, page);
      if (options.out === '-') {
        process.stdout.write(html);
        return;
      }
      const file = fileFor(row, options);
      writeFileSync(file, html);
      if (options.open) await openInBrowser(file);
      const verdict = evaluation.passed ? 'passed' : 'refused';
      createOutput(json ?? false).result(
        { model, release, version: row.version, verdict, gates: evaluation.gates, file, page },
        () => `${describe(evaluation)}\n${file}`,
      );
    });
}

type Page = NonNullable<EvaluationResult['page']>;

/** @throws {UsageError} there is none (yet) */
function pageOf({ model, release, status, steps }: ReleaseRow): { evaluation: EvaluationResult; page: Page } {
  const { evaluation } = steps;
  if (!evaluation)
    throw new UsageError(`expected a release that was evaluated, got ${model}/${release}, which is ${status} without`);
  if (!evaluation.page)
    throw new UsageError(
      `expected an evaluation page of ${model}/${release}, got none: it was evaluated before there were pages; compare shows its metrics`,
    );
  return { evaluation, page: evaluation.page };
}

/** @throws {UsageError} what lies there is not what was recorded */
async function fetchPage({ s3, account }: Connection, { bucket, key, versionId, sha256 }: Page): Promise<Uint8Array> {
  const at = { Bucket: bucket, Key: key, ExpectedBucketOwner: account, ...(versionId && { VersionId: versionId }) };
  const { Body } = await s3.send(new GetObjectCommand(at));
  const bytes = await Body!.transformToByteArray();
  const got = createHash('sha256').update(bytes).digest('hex');
  if (got !== sha256)
    throw new UsageError(`expected the page whose sha256 the release recorded, ${sha256}, got ${got}: it was altered`);
  return bytes;
}

function fileFor({ model, release }: ReleaseRow, { open, out }: Options): string {
  if (out !== undefined) return resolve(out);
  const name = `${model}-${release}-evaluation.html`;
  return open ? join(mkdtempSync(join(tmpdir(), 'launchway-report-')), name) : resolve(name);
}

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [command: string, ...args: string[]]>>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};

/** @throws {UsageError} there is nothing to open it with */
async function openInBrowser(file: string): Promise<void> {
  const [command, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const child = spawn(command!, [...args, file], { stdio: 'ignore', detached: true });
  try {
    await once(child, 'spawn');
    child.unref();
  } catch {
    throw new UsageError(`expected ${command} to open a browser, got none; the page is at ${file}`);
  }
}

function describe({ passed, gates }: EvaluationResult): string {
  const lines = gates.map((gate) => `${gatesPass([gate]) ? ' ' : '✗'} ${gate.metric}: ${gate.verdict}, ${gate.why}`);
  return [passed ? 'passed' : 'refused', ...lines].join('\n');
}
