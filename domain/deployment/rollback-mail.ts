import { composeMail } from '../mail/mail-document.ts';
import type { ModelRow } from '../model.ts';
import type { Mail } from '../ports.ts';
import { type RollbackRow, requesterOf } from './rollback.ts';

/** Tells owner, operators and whoever asked how a rollback ended, and how to undo it. */
export function rollbackMail(row: RollbackRow, { champion }: ModelRow, to: readonly string[]): Mail {
  const { model, rollback, status, from, reason, requestedBy, requestedAt, incident, withdraw, error } = row;
  const back = status === 'RolledBack';
  const forward = withdraw
    ? `not to version ${from}: it was withdrawn. Upload data or a program, and a release starts`
    : `launchway rollback ${model} --to ${from} --reason "…"`;
  return composeMail({
    to,
    subject: back
      ? `[${model}] rolled back: version ${row.to} serves again in place of version ${from}`
      : `[${model}] NOT rolled back to version ${row.to}: ${error ?? 'no reason given'}`,
    thread: incident === undefined ? `rollback/${model}/${rollback}` : `incident/${incident}`,
    blocks: [
      {
        kind: 'facts',
        rows: [
          [
            'Serving now',
            champion ? `version ${champion.version} on ${champion.endpointName}, since ${champion.since}` : 'nothing',
          ],
          ['Asked by', `${requesterOf(requestedBy)}, ${requestedAt}`],
          ['Why', reason],
          ...(incident === undefined ? [] : [['Incident', incident] as const]),
          ...(back
            ? ([
                [
                  'Proved',
                  `its configuration, image and archive are those that were approved; ${row.proof?.smokeRows ?? 0} hold-out rows were answered as when it was validated`,
                ],
                ['Go forward', forward],
              ] as const)
            : ([
                ['What happened', error ?? 'no reason given'],
                ['Do this', `launchway status ${model}; then see the runbook, "A rollback failed"`],
              ] as const)),
        ],
      },
    ],
    footer: `Rollback ${rollback} of ${model}. You get this because you own the model, operate this deployment, or asked for it.`,
  });
}
