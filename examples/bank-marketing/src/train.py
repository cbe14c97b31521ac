"""Trains and serves the bank-marketing model: who subscribes to a term deposit when called.

Runs in SageMaker's scikit-learn 1.2 container and on any Python with scikit-learn >= 1.2; needs no pandas. The fitted encoder is
part of the pipeline that is stored, so training and serving cannot disagree.
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
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler


def train(arguments):
    schema = json.loads((pathlib.Path(arguments.schema) / "schema.json").read_text(encoding="utf-8"))
    features = schema["features"]
    with open(pathlib.Path(arguments.train) / "train.csv", encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    expected = [feature["name"] for feature in features] + [schema["target"]]
    if header != expected:
        raise ValueError(f"expected columns {expected} in train.csv, got {header}")
    table = as_table([row[:-1] for row in rows], features)
    target = numpy.array([row[-1] == schema["positiveClass"] for row in rows])
    pipeline = build_pipeline(features, arguments.c, arguments.seed)
    pipeline.fit(table, target)
    directory = pathlib.Path(arguments.model_dir)
    joblib.dump({"features": features, "pipeline": pipeline}, directory / "model.joblib")
    # The container serves with the script in code/, so the archive carries it.
    (directory / "code").mkdir(parents=True, exist_ok=True)
    shutil.copy(__file__, directory / "code" / "train.py")
    # What trained it: told to whoever approves, and needed to train it again.
    libraries = {"python": platform.python_version()} | {it.__name__: it.__version__ for it in (sklearn, numpy, joblib)}
    (directory / "versions.json").write_text(json.dumps(libraries), encoding="utf-8")
    print(f"{len(rows)} rows, {len(features)} features, train:accuracy={pipeline.score(table, target):.4f}")


def build_pipeline(features, c, seed):
    def indices(kind):
        return [i for i, feature in enumerate(features) if feature["type"] == kind]

    encoder = ColumnTransformer(
        [
            ("numeric", make_pipeline(SimpleImputer(), StandardScaler()), indices("numeric")),
            ("categorical", OneHotEncoder(handle_unknown="ignore"), indices("categorical")),
        ]
    )
    return make_pipeline(encoder, LogisticRegression(C=c, max_iter=1000, random_state=seed))


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
    return model["pipeline"].predict_proba(as_table(rows, model["features"]))[:, 1]


def output_fn(scores, accept):
    return "\n".join(repr(float(score)) for score in scores), "text/csv"


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--c", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--train", default=os.environ.get("SM_CHANNEL_TRAIN"))
    parser.add_argument("--schema", default=os.environ.get("SM_CHANNEL_SCHEMA"))
    parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR"))
    train(parser.parse_args())
