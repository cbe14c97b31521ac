/** True of what a fatal TextDecoder throws. */
export const isNotUtf8 = (error: unknown): boolean =>
  (error as { readonly code?: unknown } | undefined)?.code === 'ERR_ENCODING_INVALID_ENCODED_DATA';
