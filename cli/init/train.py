"""Trains and serves MODEL: a linear model over scaled numbers and one-hot categories.

Runs in SageMaker's scikit-learn 1.2 container and on any Python with scikit-learn >= 1.2; needs no pandas. The fitted encoder is
part of the pipeline that is stored, so training and serving cannot disagree. `build_pipeline` is the place for another model.
"""

import argparse
import csv
import io
import json
import os
import pathlib
import platform
import shutil

import joblib
import numpy
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def build_pipeline(schema, c, seed):
    """`c` is the inverse of the strength of regularisation: smaller is simpler."""

    def indices(kind):
        return [i for i, feature in enumerate(schema["features"]) if feature["type"] == kind]

    encoder = ColumnTransformer(
        [
            ("numeric", make_pipeline(SimpleImputer(), StandardScaler()), indices("numeric")),
            ("categorical", OneHotEncoder(handle_unknown="ignore"), indices("categorical")),
        ]
    )
    if schema["problem"] == "regression":
        return make_pipeline(encoder, Ridge(alpha=1 / c))
    return make_pipeline(encoder, LogisticRegression(C=c, max_iter=1000, random_state=seed))


def train(arguments):
    schema = json.loads((pathlib.Path(arguments.schema) / "schema.json").read_text(encoding="utf-8"))
    with open(pathlib.Path(arguments.train) / "train.csv", encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    expected = [feature["name"] for feature in schema["features"]] + [schema["target"]]
    if header != expected:
        raise ValueError(f"expected columns {expected} in train.csv, got {header}")
    table = as_table([row[:-1] for row in rows], schema["features"])
    target = as_target([row[-1] for row in rows], schema)
    pipeline = build_pipeline(schema, arguments.c, arguments.seed)
    pipeline.fit(table, target)
    directory = pathlib.Path(arguments.model_dir)
    joblib.dump({"schema": schema, "pipeline": pipeline}, directory / "model.joblib")
    # The container serves with the script in code/, so the archive carries it.
    (directory / "code").mkdir(parents=True, exist_ok=True)
    shutil.copy(__file__, directory / "code" / "train.py")
    # What trained it: told to whoever approves, and needed to train it again.
    libraries = {"python": platform.python_version()} | {it.__name__: it.__version__ for it in (sklearn, numpy, joblib)}
    (directory / "versions.json").write_text(json.dumps(libraries), encoding="utf-8")
    print(f"{len(rows)} rows, {len(expected) - 1} features, train:score={pipeline.score(table, target):.4f}")


def as_target(answers, schema):
    """Numbers for a regression; for two classes whether it is the positive one; otherwise the class itself."""
    if schema["problem"] == "regression":
        return numpy.array([float(answer) for answer in answers])
    if schema["problem"] == "binary-classification":
        return numpy.array([answer == schema["positiveClass"] for answer in answers])
    return numpy.array(answers)


def as_table(rows, features):
    """Raw strings to one column per feature: numbers (NaN where empty) and categories."""
    table = numpy.empty((len(rows), len(features)), dtype=object)
    for i, row in enumerate(rows):
        if len(row) != len(features):
            raise ValueError(f"expected {len(features)} values, got {len(row)} in row {i + 1}")
        for j, (value, feature) in enumerate(zip(row, features)):
            table[i, j] = value if feature["type"] == "categorical" else float(value) if value else numpy.nan
    return table


def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))


def input_fn(body, content_type):
    if content_type != "text/csv":
        raise ValueError(f"expected text/csv, got {content_type}")
    text = body.decode("utf-8") if isinstance(body, bytes) else body
    return [row for row in csv.reader(io.StringIO(text)) if row]


def predict_fn(rows, model):
    """One line of numbers per row: the score, or a probability per class in the order of `problem.classes`."""
    schema, pipeline = model["schema"], model["pipeline"]
    table = as_table(rows, schema["features"])
    if schema["problem"] == "regression":
        return pipeline.predict(table)[:, numpy.newaxis]
    probabilities = pipeline.predict_proba(table)
    if schema["problem"] == "binary-classification":
        return probabilities[:, 1:]
    # A class that was not among the rows to train on has no column: nothing is known of it.
    learned = list(pipeline.classes_)
    none = numpy.zeros(len(rows))
    return numpy.column_stack(
        [probabilities[:, learned.index(name)] if name in learned else none for name in schema["classes"]]
    )


def output_fn(lines, accept):
    return "\n".join(",".join(repr(float(number)) for number in line) for line in lines), "text/csv"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--c", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--train", default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--schema", default=os.environ.get("SM_CHANNEL_SCHEMA"))
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR"))
    train(parser.parse_args())
