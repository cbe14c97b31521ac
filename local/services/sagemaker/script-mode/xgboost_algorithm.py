"""Trains and serves as SageMaker's own XGBoost 1.7 does where it is given no program (algorithm mode), for CSV.

The library is XGBoost itself, and files and requests are read the way the container reads them; a GPU, several hosts, Pipe mode
and other formats are refused.

See https://docs.aws.amazon.com/sagemaker/latest/dg/xgboost_hyperparameters.html and sagemaker-xgboost-container, algorithm_mode/.
"""

import csv
import json
import os
import pathlib

import numpy
import xgboost

MODEL_FILE = "xgboost-model"
# What a search tells its trainings.
TUNING_METRIC = "_tuning_objective_metric"
ANSWERS = {"probability", "predicted_score"}

WHOLE = {
    "num_round": (1, None), "csv_weights": (0, 1), "early_stopping_rounds": (1, None), "verbosity": (0, 3), "nthread": (1, None),
    "max_depth": (0, None), "refresh_leaf": (0, 1), "max_leaves": (0, None), "max_bin": (0, None), "one_drop": (0, 1),
    "num_class": (2, None), "num_parallel_tree": (1, None), "seed": (-(2**31) + 1, 2**31 - 2),
}
DECIMAL = {
    "eta": (0, 1), "gamma": (0, None), "min_child_weight": (0, None), "max_delta_step": (0, None), "subsample": (0, 1),
    "colsample_bytree": (0, 1), "colsample_bylevel": (0, 1), "colsample_bynode": (0, 1), "lambda": (0, None), "alpha": (0, None),
    "sketch_eps": (0, 1), "scale_pos_weight": (0, None), "rate_drop": (0, 1), "skip_drop": (0, 1), "lambda_bias": (0, 1),
    "tweedie_variance_power": (1, 2), "base_score": (0, None),
}
NAMED = {
    "booster": {"gbtree", "gblinear", "dart"}, "tree_method": {"auto", "exact", "approx", "hist"},
    "grow_policy": {"depthwise", "lossguide"}, "process_type": {"default", "update"}, "sample_type": {"uniform", "weighted"},
    "normalize_type": {"tree", "forest"}, "predictor": {"auto", "cpu_predictor"},
    "objective": {
        "binary:logistic", "binary:logitraw", "binary:hinge", "count:poisson", "multi:softmax", "multi:softprob", "reg:linear",
        "reg:squarederror", "reg:logistic", "reg:gamma", "reg:pseudohubererror", "reg:squaredlogerror", "reg:tweedie",
    },
}


class AlgorithmUserError(Exception):
    """What the algorithm was given is not what it takes; the message becomes the job's FailureReason."""


class BadRequest(Exception):
    """Rows that the model cannot score."""


def train(root: pathlib.Path, given: dict) -> None:
    """Trains on the channel `train` and writes the model; `given` are hyperparameters as texts."""
    hosts = json.loads(os.environ.get("SM_HOSTS", "[]"))
    if len(hosts) > 1:
        raise AlgorithmUserError(f"expected one instance, got {len(hosts)}: the algorithm is not spread over several here")
    parameters = {name: checked(name, str(value)) for name, value in given.items()}
    if "num_round" not in parameters:
        raise AlgorithmUserError("Missing required hyperparameter: num_round")
    metric = parameters.pop(TUNING_METRIC, None)
    if metric is not None:
        parameters["eval_metric"] = [*parameters.get("eval_metric", []), metric.split(":", 1)[-1]]
    rounds, weights = parameters.pop("num_round"), parameters.pop("csv_weights", 0)
    patience = parameters.pop("early_stopping_rounds", None)
    sets = [(matrix, name) for name in ("train", "validation") if (matrix := channel(root, name, weights)) is not None]
    if not sets or sets[0][1] != "train":
        raise AlgorithmUserError("No data in training channel path /opt/ml/input/data/train")
    print(f"Train matrix has {sets[0][0].num_row()} rows and {sets[0][0].num_col()} columns", flush=True)
    try:
        model = xgboost.train(
            parameters, sets[0][0], num_boost_round=rounds, evals=sets, early_stopping_rounds=patience, verbose_eval=True
        )
    except xgboost.core.XGBoostError as error:
        raise AlgorithmUserError(f"XGB train call failed with exception:\n {error}") from error
    model.save_model(root / "model" / MODEL_FILE)


def checked(name: str, text: str):
    """A hyperparameter's value; the container knows each by name and range."""
    if name in (TUNING_METRIC, "eval_metric"):
        return text if name == TUNING_METRIC else [metric.strip() for metric in text.split(",")]
    if name in NAMED:
        if text not in NAMED[name]:
            raise AlgorithmUserError(f"Hyperparameter {name}: {text} is not in {sorted(NAMED[name])}")
        return text
    if name not in WHOLE and name not in DECIMAL:
        raise AlgorithmUserError(f"Extraneous hyperparameter found: {name}")
    least, most = WHOLE.get(name) or DECIMAL[name]
    try:
        value = int(text) if name in WHOLE else float(text)
    except ValueError as error:
        raise AlgorithmUserError(f"Hyperparameter {name}: could not parse {text}") from error
    if not (least <= value and (most is None or value <= most)):
        raise AlgorithmUserError(f"Hyperparameter {name}: {text} is not in [{least}, {'∞' if most is None else most}]")
    return value


def channel(root: pathlib.Path, name: str, weights: int):
    """The rows of a channel: label first, no header. None where there is no such channel."""
    folder = root / "input" / "data" / name
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "_")))
    if not files:
        return None
    config = json.loads((root / "input" / "config" / "inputdataconfig.json").read_text(encoding="utf-8"))[name]
    kind = config.get("ContentType", "libsvm").split(";")[0].strip()
    if kind not in ("csv", "text/csv") or config.get("TrainingInputMode") == "Pipe":
        raise AlgorithmUserError(f"expected files of text/csv in channel {name}, got {kind}: no other is read here")
    with files[0].open(encoding="utf-8", errors="ignore") as file:
        separator = delimiter_of(file.readline())
    source = folder if len(files) > 1 else files[0]
    columns = f"label_column=0{'&weight_column=1' if weights == 1 else ''}"
    try:
        return xgboost.DMatrix(f"{source}?format=csv&{columns}&delimiter={separator}")
    except xgboost.core.XGBoostError as error:
        raise AlgorithmUserError(f"Failed to load csv data with exception:\n{error}") from error


def delimiter_of(line: str) -> str:
    try:
        return csv.Sniffer().sniff(line).delimiter
    except csv.Error as error:
        raise AlgorithmUserError(f"Could not determine delimiter on line {line[:50]}:\n{error}") from error


class Scorer:
    """Answers requests for one model."""

    def __init__(self, folder: pathlib.Path):
        self.model = xgboost.Booster({"nthread": 1})
        self.model.load_model(folder / MODEL_FILE)
        # Comma-separated names of what is answered; without it, all rows of a request stand on one line.
        self.answers = [name.strip() for name in os.environ.get("SAGEMAKER_INFERENCE_OUTPUT", "").split(",") if name.strip()]
        unknown = set(self.answers) - ANSWERS
        if unknown or len(self.answers) > 1:
            raise AlgorithmUserError(f"expected SAGEMAKER_INFERENCE_OUTPUT as one of {sorted(ANSWERS)}, got {self.answers}: no other is answered here")

    def run(self, body: bytes) -> str:
        scores = self.model.predict(self.matrix(body.decode("utf-8").strip()), validate_features=False)
        if scores.ndim != 1:
            raise BadRequest("expected one score per row, got several: several classes are not answered here")
        texts = [str(score) for score in scores.tolist()]
        return "\n".join(texts) if self.answers else ",".join(texts)

    def matrix(self, text: str):
        lines = text.split("\n")
        try:
            separator = csv.Sniffer().sniff(lines[0][:512]).delimiter
            separator = "," if separator.isalnum() else separator
            # Numbers at once: an array of texts would be as wide in every cell as the longest of them.
            rows = numpy.array([[float(cell) if cell else numpy.nan for cell in line.split(separator)] for line in lines])
        except (csv.Error, ValueError) as error:
            raise BadRequest(f"Loading csv data failed with Exception, please ensure data is in csv format:\n {type(error)}\n {error}") from error
        columns = self.model.num_features()
        if rows.shape[1] not in (columns, columns + 1):
            raise BadRequest(f"Feature size of csv inference data {rows.shape[1]} is not consistent with feature size of trained model {columns}")
        return xgboost.DMatrix(rows)
