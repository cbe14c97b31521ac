/** What a training program reported of itself, and what of it cannot be used. */
export interface CustomMetrics {
  readonly metrics: Readonly<Record<string, number>>;
  /** In sentences, for whoever approves. */
  readonly findings: readonly string[];
}

/** Where a training program leaves its own metrics: at the top of the model archive, or of the job's output. */
export const METRICS_FILE = 'metrics.json';

const MOST = 50;
const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

/**
 * Reads a `metrics.json`: one flat object of names and finite numbers, at most 50. It is data from outside: what does not fit is
 * left out and told, so that an odd file never stops a model by itself; a gate on what was left out is not passed.
 *
 * @param text undefined where the file was too large to be read
 */
export function parseCustomMetrics(text: string | undefined): CustomMetrics {
  if (text === undefined) return refused('is larger than 64 KiB');
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return refused('is no JSON');
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    return refused('is no object of names and numbers');
  const entries = Object.entries(document);
  const good = entries.filter(([name, value]) => NAME.test(name) && Number.isFinite(value));
  const findings = [
    ...(good.length < entries.length ? [leftOut(entries.filter((entry) => !good.includes(entry)))] : []),
    ...(good.length > MOST ? [`${METRICS_FILE} holds ${good.length} metrics; the first ${MOST} were read.`] : []),
  ];
  return { metrics: Object.fromEntries(good.slice(0, MOST)) as Record<string, number>, findings };
}

const refused = (why: string): CustomMetrics => ({
  metrics: {},
  findings: [`${METRICS_FILE} of the training job was not read: it ${why}.`],
});

function leftOut(entries: readonly (readonly [string, unknown])[]): string {
  const named = entries.slice(0, 3).map(([name, value]) => `${shown(name)} (${kindOf(value)})`);
  const more = entries.length > 3 ? ` and ${entries.length - 3} more` : '';
  return `${METRICS_FILE} of the training job: ${named.join(', ')}${more} left out; expected names of letters, digits, "_", "." and "-", and finite numbers.`;
}

const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value);

const shown = (name: string): string => JSON.stringify(name.length > 40 ? `${name.slice(0, 40)}…` : name);
