import type { Command } from 'commander';
import type { Baseline } from '../../domain/drift/baseline.ts';
import { PREDICTION } from '../../domain/drift/verdict.ts';
import type { ModelDefinition } from '../../domain/model-definition.ts';
import { type BacktestPolicy, type BacktestResult, backtest } from '../../domain/monitoring/backtest.ts';
import { connect } from '../connection.ts';
import { storedWindows } from '../drift/stored-windows.ts';
import { type CommonOptions, createOutput, JSON_OPTION, table, UsageError } from '../output.ts';
import { readReleaseDefinition } from '../read-release-definition.ts';

interface BacktestOptions {
  readonly days: string;
  readonly effect?: string;
  readonly fdr?: string;
  readonly persistence?: string;
  readonly exclude?: string;
  readonly thresholds?: string;
}

export function registerBacktest(drift: Command): void {
  drift
    .command('backtest')
    .description(
      'what other thresholds would have said of the last windows, from stored profiles; no prediction is read again',
    )
    .argument('<model>', 'model, as it serves now')
    .option('--days <days>', 'counted back from the newest checked window', '30')
    .option('--effect <effect>', 'least effect that matters')
    .option('--fdr <rate>', 'false discovery rate over all features')
    .option('--persistence <windows/of>', 'windows that must agree: 2/3')
    .option('--exclude <features>', 'features that are not judged: a,b')
    .option('--thresholds <kind>', 'fixed, or calibrated on the training period')
    .option('--json', JSON_OPTION)
    .action(async (model: string, options: BacktestOptions, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const connection = await connect(prefix);
      const { champion } = await connection.lineage.getModel(model);
      if (!champion) throw new UsageError(`expected ${model} to serve, got a model that does not`);
      const version = await connection.lineage.getVersion(model, champion.version);
      const { monitoring } = await readReleaseDefinition(connection, version.definition);
      const stored = await storedWindows(connection, version, number('--days', options.days, 1, 400));
      const proposed = proposedPolicy(monitoring.drift, options);
      expectFeatures(stored.baseline, options.exclude === undefined ? [] : proposed.exclude);
      const run = (policy: BacktestPolicy) => backtest(stored.baseline, stored.heldOut, stored.windows, policy);
      const result = {
        ...{ model, version: version.version, windows: stored.windows.length },
        before: { policy: monitoring.drift, ...run(monitoring.drift) },
        after: { policy: proposed, ...run(proposed) },
      };
      createOutput(json ?? false).result(result, () => inWords(model, result.before, result.after));
    });
}

/** The definition's rules with what the options say instead. @throws {UsageError} */
export function proposedPolicy(now: ModelDefinition['monitoring']['drift'], options: BacktestOptions): BacktestPolicy {
  const { effect, fdr, persistence, exclude, thresholds } = options;
  if (thresholds !== undefined && thresholds !== 'fixed' && thresholds !== 'calibrated') {
    throw new UsageError(`expected --thresholds fixed or calibrated, got ${thresholds}`);
  }
  return {
    effect: effect === undefined ? now.effect : number('--effect', effect, 0.001, 10),
    falseDiscoveryRate: fdr === undefined ? now.falseDiscoveryRate : number('--fdr', fdr, 1e-6, 0.5),
    persistence: persistence === undefined ? now.persistence : persistenceIn(persistence),
    exclude: exclude === undefined ? now.exclude : exclude.split(',').filter((name) => name !== ''),
    ...((thresholds ?? now.thresholds) && { thresholds: thresholds ?? now.thresholds }),
  };
}

/** A name that is misspelt would exclude nothing, in silence. @throws {UsageError} */
export function expectFeatures({ features }: Pick<Baseline, 'features'>, names: readonly string[]): void {
  const known = [...features.map(({ name }) => name), PREDICTION];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new UsageError(`expected features in --exclude, got ${unknown.join(', ')}; there are ${known.join(', ')}`);
}

function persistenceIn(text: string): { readonly windows: number; readonly of: number } {
  const [, windows, of] = /^(\d{1,2})\/(\d{1,2})$/.exec(text)?.map(Number) ?? [];
  if (!windows || !of || windows > of || of > 30) {
    throw new UsageError(`expected --persistence like 2/3, at most 30/30, got ${text}`);
  }
  return { windows, of };
}

function number(option: string, text: string, min: number, max: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (value >= min && value <= max) return value;
  throw new UsageError(`expected ${option} to be a number from ${min} to ${max}, got ${text}`);
}

function inWords(model: string, before: BacktestResult, after: BacktestResult): string {
  const rows = before.windows.map((window, i) => {
    const proposed = after.windows[i]!;
    const said = ({ verdict, drifted }: typeof window) =>
      `${verdict}${drifted.length > 0 ? `: ${drifted.slice(0, 3).join(', ')}` : ''}`;
    return [window.start.slice(0, 16), said(window), said(proposed)];
  });
  const alarms = ({ alarms: opened, alarmsPerWeek }: BacktestResult) =>
    `${opened.length} alarm${opened.length === 1 ? '' : 's'}, ${alarmsPerWeek.toFixed(2)} per week`;
  return [
    `${model}: ${before.windows.length} windows`,
    '',
    table([['window', 'before', 'after'], ...rows]),
    '',
    `before   ${alarms(before)}`,
    `after    ${alarms(after)}`,
  ].join('\n');
}
