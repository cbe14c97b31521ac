/** Where a phase's shell leaves what the next one goes on with; paths are absolute. */
export interface ShellFiles {
  readonly variables: string;
  readonly directory: string;
  /** The command under way: the one that failed, if one did. */
  readonly current: string;
}

/**
 * A bash script that runs a phase's commands one after the other in one shell, as buildspec version 0.2 does: variables and the
 * directory carry over to the next phase.
 *
 * @param succeeding whether every phase before has succeeded
 */
export function phaseScript(commands: readonly string[], files: ShellFiles, succeeding: boolean): string {
  const keep = `declare -px > ${quoted(files.variables)}; pwd > ${quoted(files.directory)}`;
  return [
    `[ -f ${quoted(files.variables)} ] && source ${quoted(files.variables)}`,
    `[ -f ${quoted(files.directory)} ] && cd "$(cat ${quoted(files.directory)})"`,
    `export CODEBUILD_BUILD_SUCCEEDING=${succeeding ? 1 : 0}`,
    `__launchway_end() { local status=$?; ${keep}; exit $status; }`,
    'trap __launchway_end EXIT',
    ...commands.flatMap((command) => [
      `echo ${quoted(`[Container] Running command ${command}`)}; printf %s ${quoted(command)} > ${quoted(files.current)}`,
      command,
      '__launchway_status=$?; [ $__launchway_status -eq 0 ] || exit $__launchway_status',
    ]),
    '',
  ].join('\n');
}

export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
