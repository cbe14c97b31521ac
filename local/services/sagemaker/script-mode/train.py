"""Runs a user's training script as SageMaker's framework containers do (script mode).

The hyperparameters `sagemaker_submit_directory` (a sourcedir.tar.gz in the `code` channel) and `sagemaker_program` say what to
run; all others become `--key value` arguments. Paths under /opt/ml mean this job's own folders. Without a program, the image's own
algorithm trains; its argument says which it has.
"""

import collections
import json
import os
import pathlib
import subprocess
import sys
import tarfile

import launchway_requirements as requirements

ROOT = pathlib.Path(os.environ["SM_OPT_ML"])
KEPT_LINES = 200
# What a search tells its trainings; SageMaker's toolkit keeps it to itself.
TUNING_METRIC = "_tuning_objective_metric"


class JobError(Exception):
    """Ends the job; the message becomes its FailureReason."""


def main() -> int:
    try:
        given = read_hyperparameters()
        if "sagemaker_program" not in given:
            return run_algorithm(sys.argv[1] if len(sys.argv) > 1 else "none")
        code = unpack_source(given)
        requirements.install(code, ROOT / "site")
        return run_script(code, given)
    except JobError as error:
        return fail(str(error), 1)
    except requirements.InstallRequirementsError as error:
        return fail(f"InstallRequirementsError: {error}", 1)


def read_hyperparameters() -> dict:
    text = (ROOT / "input" / "config" / "hyperparameters.json").read_text(encoding="utf-8")
    return {name: decoded(value) for name, value in json.loads(text).items()}


def decoded(value: str):
    """SageMaker's SDK writes values as JSON; plain text stays what it is."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def run_algorithm(image: str) -> int:
    if image != "xgboost":
        raise JobError("expected the hyperparameter sagemaker_program: this image has no algorithm of its own")
    import xgboost_algorithm  # noqa: PLC0415 - only Pythons that have xgboost can import it

    texts = json.loads((ROOT / "input" / "config" / "hyperparameters.json").read_text(encoding="utf-8"))
    try:
        xgboost_algorithm.train(ROOT, texts)
    except xgboost_algorithm.AlgorithmUserError as error:
        return fail(f"framework error:\nUserError: {error}", 1)
    return 0


def local_path(path: str) -> pathlib.Path:
    if "://" in path:
        raise JobError(f"expected sagemaker_submit_directory as a path in a channel (the job has no network), got {path}")
    return ROOT / pathlib.PurePosixPath(path).relative_to("/opt/ml") if path.startswith("/opt/ml/") else pathlib.Path(path)


def unpack_source(given: dict) -> pathlib.Path:
    if not given.get("sagemaker_program") or not given.get("sagemaker_submit_directory"):
        raise JobError("expected the hyperparameters sagemaker_program and sagemaker_submit_directory")
    source = local_path(given["sagemaker_submit_directory"])
    if source.is_dir():
        return source
    code = ROOT / "code"
    try:
        with tarfile.open(source) as archive:
            for member in archive.getmembers():
                path = pathlib.PurePosixPath(member.name)
                if not (member.isfile() or member.isdir()) or path.is_absolute() or ".." in path.parts:
                    raise JobError(f"expected files inside the source archive, got {member.name}")
                archive.extract(member, code)
    except (OSError, tarfile.TarError) as error:
        raise JobError(f"cannot unpack {source.name}: {error}") from error
    return code


def run_script(code: pathlib.Path, given: dict) -> int:
    program = given["sagemaker_program"]
    if not (code / program).is_file():
        raise JobError(f"expected {program} in the source archive, got {sorted(path.name for path in code.iterdir())}")
    own = {name: value for name, value in given.items() if not name.startswith("sagemaker_") and name != TUNING_METRIC}
    arguments = [text for name in sorted(own) for text in (f"--{name}", argument(own[name]))]
    command = [sys.executable, "-u", program, *arguments]
    tail = collections.deque(maxlen=KEPT_LINES)
    running = subprocess.Popen(
        command, cwd=code, env=environment(code, own), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        encoding="utf-8", errors="replace",
    )
    for line in running.stdout:
        sys.stdout.write(line)
        sys.stdout.flush()
        tail.append(line.rstrip("\n"))
    code_of_exit = running.wait()
    if code_of_exit == 0:
        return 0
    said = next((line for line in reversed(tail) if line.strip()), "")
    message = f'ExecuteUserScriptError:\nExitCode {code_of_exit}\nErrorMessage "{said}"\nCommand "python {" ".join(command[2:])}"'
    return fail(message, code_of_exit)


def argument(value) -> str:
    return value if isinstance(value, str) else json.dumps(value) if isinstance(value, (dict, list)) else str(value)


def environment(code: pathlib.Path, own: dict) -> dict:
    path = os.pathsep.join([str(code), str(ROOT / "site")])
    named = {f"SM_HP_{name.upper()}": argument(value) for name, value in own.items()}
    return {**os.environ, **named, "SM_HPS": json.dumps(own), "SM_MODULE_DIR": str(code), "PYTHONPATH": path}


def fail(message: str, code: int) -> int:
    failure = ROOT / "output" / "failure"
    # A script that wrote its own reason knows better.
    if not failure.exists():
        failure.write_text(message, encoding="utf-8")
    print(message, file=sys.stderr)
    return code if 0 < code < 256 else 1


if __name__ == "__main__":
    sys.exit(main())
