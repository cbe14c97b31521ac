/** What is wrong with a definition, as CreateStateMachine and ValidateStateMachineDefinition report it. */
export interface Finding {
  readonly severity: 'ERROR' | 'WARNING';
  readonly code: string;
  readonly message: string;
  /** `/States/Train Model/Arguments`; none where there is nothing to point into. */
  readonly location?: string;
}

export const finding = (code: string, message: string, location?: string): Finding => ({
  severity: 'ERROR',
  code,
  message,
  ...(location !== undefined && { location }),
});

/** A field that is missing, unknown or of the wrong kind. */
export const invalid = (message: string, location: string): Finding =>
  finding('SCHEMA_VALIDATION_FAILED', message, location);

/** As the service lists them: `These fields are required: [States, StartAt]`. */
export function missing(value: object, required: readonly string[], location: string): Finding[] {
  const absent = required.filter((field) => !(field in value));
  return absent.length === 0 ? [] : [invalid(`These fields are required: [${absent.join(', ')}]`, location)];
}
