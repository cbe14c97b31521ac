import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

export type ChecksumAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME' | 'SHA1' | 'SHA256';

export const CHECKSUM_ALGORITHMS: readonly ChecksumAlgorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'];

/** Base64 by algorithm; a multipart object's composite one ends in `-PARTS`. */
export type Checksums = Partial<Record<ChecksumAlgorithm, string>>;

export interface ChecksumHash {
  update(data: Uint8Array): void;
  /** Base64. */
  digest(): string;
}

/** `x-amz-checksum-crc32` → CRC32; undefined for any other header. */
export function checksumAlgorithmOfHeader(header: string): ChecksumAlgorithm | undefined {
  const name = /^x-amz-checksum-(\w+)$/.exec(header.trim())?.[1]?.toUpperCase();
  return CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === name);
}

export function checksumHash(algorithm: ChecksumAlgorithm): ChecksumHash {
  if (algorithm === 'CRC32') return new Crc32();
  if (algorithm === 'CRC32C') return new Crc32c();
  if (algorithm === 'CRC64NVME') return new Crc64Nvme();
  const hash = createHash(algorithm.toLowerCase());
  return { update: (data) => void hash.update(data), digest: () => hash.digest('base64') };
}

class Crc32 implements ChecksumHash {
  #value = 0;

  update(data: Uint8Array): void {
    this.#value = crc32(data, this.#value);
  }

  digest(): string {
    return bigEndian(this.#value);
  }
}

/** Castagnoli, reflected polynomial. */
const CRC32C_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
  return value >>> 0;
});

class Crc32c implements ChecksumHash {
  #value = 0xffffffff;

  update(data: Uint8Array): void {
    let value = this.#value;
    for (const byte of data) value = (value >>> 8) ^ CRC32C_TABLE[(value ^ byte) & 0xff]!;
    this.#value = value >>> 0;
  }

  digest(): string {
    return bigEndian(~this.#value >>> 0);
  }
}

/** CRC-64/NVME, reflected polynomial 0x9a6c9329ac4bc9b5, as high and low words: BigInt would be ten times slower. */
const [CRC64_HIGH, CRC64_LOW] = crc64Tables();

class Crc64Nvme implements ChecksumHash {
  #high = 0xffffffff;
  #low = 0xffffffff;

  update(data: Uint8Array): void {
    let high = this.#high;
    let low = this.#low;
    for (const byte of data) {
      const index = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ CRC64_LOW[index]!;
      high = (high >>> 8) ^ CRC64_HIGH[index]!;
    }
    this.#high = high >>> 0;
    this.#low = low >>> 0;
  }

  digest(): string {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(~this.#high >>> 0, 0);
    bytes.writeUInt32BE(~this.#low >>> 0, 4);
    return bytes.toString('base64');
  }
}

function crc64Tables(): [Uint32Array, Uint32Array] {
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ 0x9a6c9329ac4bc9b5n : value >> 1n;
    high[byte] = Number(value >> 32n);
    low[byte] = Number(value & 0xffffffffn);
  }
  return [high, low];
}

function bigEndian(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.toString('base64');
}
