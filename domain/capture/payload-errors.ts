/** A payload is not what its content type says. */
export class BadPayloadError extends Error {
  override readonly name = 'BadPayloadError';
}

/** A payload is of a kind that is not read. */
export class UnknownPayloadError extends Error {
  override readonly name = 'UnknownPayloadError';
}
