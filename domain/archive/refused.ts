import { ArtifactRefusedError } from '../errors.ts';

export const refused = (message: string): ArtifactRefusedError => new ArtifactRefusedError(message);

/** A name from outside, on one short line. */
export const shown = (text: string): string => {
  const line = text.replace(/\p{C}/gu, '�');
  return line.length > 80 ? `${line.slice(0, 80)}…` : line;
};
