import type { Command } from 'commander';
import { DynamoDbMonitoringStore } from '../../adapters/dynamodb-monitoring-store.ts';
import { precisionOf } from '../../domain/monitoring/answers.ts';
import { connect } from '../connection.ts';
import { type CommonOptions, createOutput, JSON_OPTION, table } from '../output.ts';

export function registerPrecision(drift: Command): void {
  drift
    .command('precision')
    .description('how often each rule was right, by the answers that its incidents were given')
    .argument('<model>', 'model')
    .option('--json', JSON_OPTION)
    .action(async (model: string, _: unknown, command: Command) => {
      const { json, prefix } = command.optsWithGlobals<CommonOptions>();
      const connection = await connect(prefix);
      await connection.lineage.getModel(model);
      const incidents = await new DynamoDbMonitoringStore(connection.table).listIncidents(model);
      const answered = incidents.filter(({ acknowledged, expected }) => acknowledged || expected).length;
      const rules = precisionOf(incidents).map((one) => ({ ...one, precision: one.real / (one.real + one.expected) }));
      createOutput(json ?? false).result({ model, incidents: incidents.length, answered, rules }, () =>
        [
          `${incidents.length} incidents of ${model}, ${answered} answered`,
          ...(rules.length === 0
            ? ['nobody has said yet whether any was real: answer them on their pages']
            : ['', table([['rule', 'real', 'expected', 'precision'], ...rules.map(lineOf)])]),
        ].join('\n'),
      );
    });
}

const lineOf = ({
  of,
  real,
  expected,
  precision,
}: {
  of: string;
  real: number;
  expected: number;
  precision: number;
}) => [of, String(real), String(expected), `${Math.round(100 * precision)} %`];
