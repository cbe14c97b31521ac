/** How a model's requests and responses are laid out; the order in which captured fields are features. */
export interface CaptureLayout {
  /** Features in declared order: the columns of a request without a header. */
  readonly features: readonly string[];
  /** Column of a response that is the prediction, from 0. */
  readonly scoreColumn: number;
}

/** Records whose inference id starts so were sent by Launchway itself, after a deployment; they are no traffic. */
export const SMOKE_TEST_PREFIX = 'launchway-smoke-';

/** What a file of captures held. What could not be read is counted by reason, and never skipped in silence. */
export interface CaptureTally {
  /** Records: one per request. */
  readonly records: number;
  /** Rows handed on: a request can hold several. */
  readonly rows: number;
  /** Records of Launchway's own smoke tests, dropped. */
  readonly smokeRecords: number;
  /** Rows whose response is missing or does not fit: their features count, their prediction does not. */
  readonly rowsWithoutPrediction: number;
  /** Lines or records that could not be read, by reason. */
  readonly unread: Readonly<Record<UnreadReason, number>>;
}

export type UnreadReason =
  /** The last line, without a line break, and not complete. */
  | 'torn-line'
  | 'not-json'
  | 'line-too-long'
  /** No captureData.endpointInput with data. */
  | 'no-input'
  /** An encoding or content type that is not read. */
  | 'unknown-encoding'
  /** The payload is not what its content type says. */
  | 'bad-payload'
  /** A row with another number of fields than features; one count per row. */
  | 'wrong-field-count';

export const emptyTally = (): CaptureTally => ({
  records: 0,
  rows: 0,
  smokeRecords: 0,
  rowsWithoutPrediction: 0,
  unread: {
    'torn-line': 0,
    'not-json': 0,
    'line-too-long': 0,
    'no-input': 0,
    'unknown-encoding': 0,
    'bad-payload': 0,
    'wrong-field-count': 0,
  },
});

export const addTallies = (a: CaptureTally, b: CaptureTally): CaptureTally => ({
  records: a.records + b.records,
  rows: a.rows + b.rows,
  smokeRecords: a.smokeRecords + b.smokeRecords,
  rowsWithoutPrediction: a.rowsWithoutPrediction + b.rowsWithoutPrediction,
  unread: Object.fromEntries(
    Object.entries(a.unread).map(([reason, count]) => [reason, count + b.unread[reason as UnreadReason]]),
  ) as Record<UnreadReason, number>,
});

/** All that could not be read. */
export const unreadOf = ({ unread }: CaptureTally): number =>
  Object.values(unread).reduce((sum, count) => sum + count, 0);
