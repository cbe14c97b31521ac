"""Serves a model as SageMaker's scikit-learn container does: model_fn, input_fn, predict_fn, output_fn of the user's script.

The script is SAGEMAKER_PROGRAM in SAGEMAKER_SUBMIT_DIRECTORY (or `code/` in the model archive); without the variable,
`code/inference.py`. Paths under /opt/ml mean this model's own folders. A model that the image's own algorithm trained is answered
by that.
"""

import importlib.util
import io
import json
import os
import pathlib
import sys
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy
import launchway_requirements as requirements

ROOT = pathlib.Path(os.environ["SM_OPT_ML"])
MODEL = pathlib.Path(os.environ["SM_MODEL_DIR"])
MOST_BYTES = 100 * 2**20


class UnsupportedType(Exception):
    """The content type or the accepted type is none that the handlers know."""


def load_script():
    directory = pathlib.Path(os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY", str(MODEL / "code")))
    if str(directory).startswith("/opt/ml/"):
        directory = ROOT / directory.relative_to("/opt/ml")
    program = directory / os.environ.get("SAGEMAKER_PROGRAM", "inference.py")
    if not program.is_file():
        sys.exit(f"expected the inference script {program.name} in {directory.name}/ of the model archive")
    try:
        requirements.install(directory, ROOT / "site")
    except requirements.InstallRequirementsError as error:
        sys.exit(f"InstallRequirementsError: {error}")
    sys.path[:0] = [str(directory), str(ROOT / "site")]
    # The script's own name, so that what training pickled from it is found again.
    spec = importlib.util.spec_from_file_location(program.stem, program)
    module = importlib.util.module_from_spec(spec)
    sys.modules[program.stem] = module
    spec.loader.exec_module(module)
    if not hasattr(module, "model_fn"):
        sys.exit(f"expected model_fn in {program.name}")
    return module


def default_input(body: bytes, content_type: str):
    if content_type == "text/csv":
        return numpy.genfromtxt(io.StringIO(body.decode("utf-8")), delimiter=",", ndmin=2)
    if content_type == "application/json":
        return numpy.array(json.loads(body))
    if content_type == "application/x-npy":
        return numpy.load(io.BytesIO(body), allow_pickle=False)
    raise UnsupportedType(f"content type {content_type}")


def default_output(prediction, accept: str):
    if accept == "text/csv":
        text = io.StringIO()
        numpy.savetxt(text, numpy.asarray(prediction), delimiter=",", fmt="%s")
        return text.getvalue(), accept
    if accept == "application/json":
        return json.dumps(numpy.asarray(prediction).tolist()), accept
    raise UnsupportedType(f"accept {accept}")


class Pipeline:
    """The four handlers, the user's where there is one."""

    def __init__(self, script):
        self.input = getattr(script, "input_fn", default_input)
        self.predict = getattr(script, "predict_fn", lambda data, model: model.predict(data))
        self.output = getattr(script, "output_fn", default_output)
        self.model = script.model_fn(str(MODEL))

    def run(self, body: bytes, content_type: str, accept: str):
        text = content_type.startswith("text/") or content_type == "application/json"
        is_default = self.input is default_input
        data = self.input(body.decode("utf-8") if text and not is_default else body, content_type)
        answer = self.output(self.predict(data, self.model), accept)
        return answer if isinstance(answer, tuple) else (answer, accept)


class AlgorithmPipeline:
    """The image's own algorithm; only CSV is read and answered."""

    def __init__(self):
        import xgboost_algorithm  # noqa: PLC0415 - only Pythons that have xgboost can import it

        self.scorer = xgboost_algorithm.Scorer(MODEL)
        self.bad_request = xgboost_algorithm.BadRequest

    def run(self, body: bytes, content_type: str, accept: str):
        if content_type != "text/csv":
            raise UnsupportedType(f"Content-type {content_type} not supported: only text/csv is here")
        if accept != "text/csv":
            raise UnsupportedType(f"Accept type {accept} not supported: only text/csv is here")
        return self.scorer.run(body), accept


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pipeline: "Pipeline | AlgorithmPipeline"

    def do_GET(self):
        self.answer(200 if self.path == "/ping" else 404, b"", "text/plain")

    def do_POST(self):
        length = int(self.headers.get("content-length", 0))
        if self.path != "/invocations" or length > MOST_BYTES:
            self.close_connection = True
            return self.answer(404 if self.path != "/invocations" else 413, b"", "text/plain")
        body = self.rfile.read(length)
        content_type = self.headers.get("content-type", "text/csv").split(";")[0].strip()
        accept = self.headers.get("accept", "*/*").split(",")[0].split(";")[0].strip()
        try:
            data, answered = self.pipeline.run(body, content_type, "text/csv" if accept == "*/*" else accept)
            self.answer(200, data if isinstance(data, bytes) else str(data).encode("utf-8"), answered)
        except UnsupportedType as error:
            self.answer(415, str(error).encode("utf-8"), "text/plain")
        except getattr(self.pipeline, "bad_request", UnsupportedType) as error:
            self.answer(400, str(error).encode("utf-8"), "text/plain")
        except Exception as error:  # noqa: BLE001 - the user's code may raise anything, and the caller must see what
            traceback.print_exc()
            self.answer(500, f"{type(error).__name__}: {error}".encode("utf-8"), "text/plain")

    def answer(self, status: int, body: bytes, content_type: str):
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Requests are not logged one by one."""


def is_algorithm() -> bool:
    return sys.argv[1:] == ["xgboost"] and "SAGEMAKER_PROGRAM" not in os.environ


def main():
    Handler.pipeline = AlgorithmPipeline() if is_algorithm() else Pipeline(load_script())
    address = (os.environ["SAGEMAKER_BIND_TO_HOST"], int(os.environ["SAGEMAKER_BIND_TO_PORT"]))
    ThreadingHTTPServer(address, Handler).serve_forever()


if __name__ == "__main__":
    main()
