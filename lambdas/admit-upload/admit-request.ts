import { z } from 'zod';
import type { RollbackWish } from '../../domain/deployment/rollback.ts';
import { mayAct } from '../../domain/intake/may-act.ts';
import type { QueuedUpload } from '../../domain/model.ts';
import { MOST_A_DAY, whyNotMeasured } from '../../domain/staleness/most-a-day.ts';
import { askStaleness } from '../shared/ask-staleness.ts';
import { governRetraining } from '../shared/govern-retraining.ts';
import { requestRollback } from '../shared/request-rollback.ts';
import { setBaseline } from '../shared/set-baseline.ts';
import type { AdmitUploadDependencies } from './admit-upload.ts';
import { refuseUpload } from './refuse-upload.ts';

const MAX_BYTES = 20_000;

const common = { schema: z.literal('launchway/request/v1'), reason: z.string().trim().min(1).max(2_000) };

/** What a person asks for besides a release. S3 says who uploaded it, so nobody needs to be believed. */
const Request = z.discriminatedUnion('action', [
  z.strictObject({
    ...common,
    action: z.literal('roll-back'),
    /** The version that is to serve again; absent: the one that served before. */
    to: z.number().int().positive().optional(),
    /** Nobody is to serve the version again that serves now. */
    withdraw: z.boolean().optional(),
  }),
  z.strictObject({ ...common, action: z.literal('retrain') }),
  z.strictObject({
    ...common,
    action: z.literal('re-baseline'),
    /** Start of a checked window of the version that serves. */
    window: z.iso.datetime(),
    features: z.array(z.string().min(1)).min(1).max(1_000),
  }),
  z.strictObject({ ...common, action: z.literal('restore-baseline') }),
  z.strictObject({
    schema: common.schema,
    action: z.literal('measure-staleness'),
    /** The one that serves included. */
    versions: z.number().int().min(2).max(10),
    days: z.number().int().min(1).max(90),
  }),
]);
type Request = z.infer<typeof Request>;

/** A request: what it asks for, or a refusal that says why not. */
export async function admitRequest(
  dependencies: AdmitUploadDependencies,
  model: string,
  upload: QueuedUpload,
): Promise<void> {
  const { ledger, config } = dependencies;
  const row = await ledger.findModel(model);
  const refuse = (message: string) =>
    refuseUpload(dependencies, upload, { message, problems: [], ...(row && { owner: row.owner }) });
  if (!row) return refuse(`there is no model ${model}`);
  if (!mayAct(config, row.team, upload.submitter.person)) {
    const who = upload.submitter.person ?? upload.submitter.principal;
    return refuse(`${who} is neither of team ${row.team} nor holds a role, and so may not act on ${model}`);
  }
  const request = await readRequest(dependencies, upload);
  if (typeof request === 'string') return refuse(request);
  const refused = await act(dependencies, model, upload, request);
  if (refused !== undefined) await refuse(refused);
}

/** @returns why it was refused; what the governor says to a retraining is kept as its answer */
async function act(
  dependencies: AdmitUploadDependencies,
  model: string,
  upload: QueuedUpload,
  request: Request,
): Promise<string | undefined> {
  const { ledger, rollbacks, rollbackExecutions: executions, now } = dependencies;
  const origin = `upload/${upload.dataset.key}#${upload.dataset.versionId ?? 'null'}`;
  const by = upload.submitter;
  if (request.action === 'measure-staleness') {
    if (!(await ledger.getModel(model)).champion)
      return `${model} does not serve, so nothing was predicted that versions could be held against`;
    const askedAt = new Date(upload.uploadedAt).toISOString();
    const earlier = await dependencies.staleness.list(model, 2 * MOST_A_DAY);
    const why = whyNotMeasured(earlier, origin, new Date(askedAt));
    if (why !== undefined) return why;
    await askStaleness(dependencies, model, { askedAt, askedBy: by, origin }, request);
    return undefined;
  }
  const { reason } = request;
  if (request.action === 'retrain') {
    const actor = by.person ?? by.principal;
    const wish = { trigger: { kind: 'request' as const, origin }, reason: `asked for by ${actor}: ${reason}`, actor };
    await governRetraining(dependencies, model, wish);
    return undefined;
  }
  if (request.action === 're-baseline' || request.action === 'restore-baseline') {
    return changeBaseline(dependencies, model, upload, request, origin);
  }
  const { to, withdraw } = request;
  const wish: RollbackWish = {
    ...{ reason, by, origin },
    ...(to !== undefined && { to }),
    ...(withdraw && { withdraw }),
  };
  const requested = await requestRollback({ lineage: ledger, rollbacks, executions, now }, model, wish);
  return requested.kind === 'refused' ? requested.why : undefined;
}

/** @returns why it was refused */
async function changeBaseline(
  dependencies: AdmitUploadDependencies,
  model: string,
  { submitter }: QueuedUpload,
  request: Extract<Request, { action: 're-baseline' | 'restore-baseline' }>,
  origin: string,
): Promise<string | undefined> {
  const { ledger, buckets } = dependencies;
  const { champion } = await ledger.getModel(model);
  if (!champion) return `${model} does not serve`;
  const set = await setBaseline(
    { ...dependencies, lineage: ledger, artifactsBucket: buckets.artifacts },
    {
      ...{
        model,
        version: champion.version,
        by: submitter.person ?? submitter.principal,
        reason: request.reason,
        origin,
      },
      ...(request.action === 're-baseline'
        ? { window: new Date(request.window).toISOString(), features: request.features }
        : { features: [] }),
    },
  );
  return set.kind === 'refused' ? set.why : undefined;
}

/** @returns a sentence where it cannot be read */
async function readRequest({ objects }: AdmitUploadDependencies, { dataset }: QueuedUpload): Promise<Request | string> {
  const head = await objects.head(dataset);
  if (!head) return 'it was deleted before it could be read';
  if (head.bytes > MAX_BYTES) return `expected a request of at most ${MAX_BYTES} bytes, got ${head.bytes}`;
  const text = await objects.readText(dataset, MAX_BYTES);
  const parsed = Request.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  return `expected a request, got ${parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`).join('; ')}`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Said by the check that follows: it is no object.
    return undefined;
  }
}
