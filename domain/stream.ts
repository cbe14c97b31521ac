/** A byte stream, as much of Node's Readable as the domain needs. */
export type Readable = AsyncIterable<Uint8Array>;
