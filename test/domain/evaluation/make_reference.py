"""Writes multiclass-reference.json, and adds quantile losses to regression-reference.json, with scikit-learn's values.

python3 test/domain/evaluation/make_reference.py      (made with scikit-learn 1.2.1)
"""

import json
import pathlib
import warnings

import numpy
import sklearn
from sklearn import metrics

HERE = pathlib.Path(__file__).parent
ORIGIN = f"scikit-learn {sklearn.__version__}, numpy {numpy.__version__}; inputs from numpy.random.default_rng(20300101), or as named"
warnings.filterwarnings("ignore")


def multiclass(name, truth, probabilities):
    truth = numpy.asarray(truth)
    scores = numpy.asarray(probabilities)
    best = scores.argmax(axis=1)
    classes = list(range(scores.shape[1]))
    expected = {
        "accuracy": metrics.accuracy_score(truth, best),
        "balancedAccuracy": metrics.balanced_accuracy_score(truth, best),
        "logLoss": metrics.log_loss(truth, scores, labels=classes),
    }
    if len(set(truth.tolist())) == len(classes):
        for how in ("macro", "weighted"):
            expected[f"auc{how.title()}"] = metrics.roc_auc_score(truth, scores, multi_class="ovr", average=how)
    for how in ("macro", "weighted"):
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(truth, best, average=how, zero_division=0)
        expected |= {f"f1{how.title()}": f1, f"precision{how.title()}": precision, f"recall{how.title()}": recall}
    return {"name": name, "truth": truth.tolist(), "probabilities": scores.tolist(), "expected": expected}


def random_case(rng, rows, classes, signal, shares=None):
    truth = rng.choice(classes, size=rows, p=shares)
    truth[:classes] = range(classes)
    logits = rng.normal(size=(rows, classes)) + signal * numpy.eye(classes)[truth]
    odds = numpy.exp(logits)
    scores = numpy.round(odds / odds.sum(axis=1, keepdims=True), 3)
    scores[:, -1] = numpy.round(1 - scores[:, :-1].sum(axis=1), 3)
    return truth, numpy.clip(scores, 0, 1)


def main():
    rng = numpy.random.default_rng(20300101)
    cases = [
        multiclass("perfect", [0, 1, 2], numpy.eye(3) * 0.7 + 0.1),
        multiclass("always wrong", [0, 1, 2], numpy.roll(numpy.eye(3), 1, axis=1) * 0.7 + 0.1),
        multiclass("all scores tied", [0, 1, 2, 2], numpy.full((4, 3), 0.25) + [[0, 0, 0.25]] * 4),
        multiclass("certain and wrong", [0, 1, 2, 0], [[0, 1, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]]),
        multiclass("a class that does not occur", [0, 1, 1, 0], [[0.5, 0.3, 0.2], [0.2, 0.5, 0.3], [0.1, 0.2, 0.7], [0.6, 0.2, 0.2]]),
        multiclass("a class that is never predicted", [0, 1, 2, 2], [[0.6, 0.3, 0.1], [0.2, 0.5, 0.3], [0.5, 0.2, 0.3], [0.1, 0.5, 0.4]]),
    ]
    for rows in (12, 40):
        for classes in (3, 5):
            for signal in (0, 1, 3):
                cases.append(multiclass(f"{rows} rows, {classes} classes, signal {signal}", *random_case(rng, rows, classes, signal)))
    cases.append(multiclass("rare classes", *random_case(rng, 60, 3, 1, [0.9, 0.07, 0.03])))
    write("multiclass-reference.json", {"origin": ORIGIN, "cases": cases})

    regression = json.loads((HERE / "regression-reference.json").read_text(encoding="utf-8"))
    for case in regression["cases"]:
        case["expected"]["quantileLoss"] = metrics.mean_pinball_loss(case["truth"], case["scores"], alpha=case.get("quantile", 0.5))
    names = {case["name"] for case in regression["cases"]}
    for quantile in (0.05, 0.1, 0.25, 0.75, 0.9, 0.95):
        name = f"quantile {quantile}"
        if name in names:
            continue
        truth = numpy.round(rng.normal(10, 3, 15), 4)
        scores = numpy.round(truth + rng.normal(0, 2, 15), 4)
        expected = {
            "rmse": metrics.mean_squared_error(truth, scores, squared=False),
            "mae": metrics.mean_absolute_error(truth, scores),
            "r2": metrics.r2_score(truth, scores),
            "quantileLoss": metrics.mean_pinball_loss(truth, scores, alpha=quantile),
        }
        regression["cases"].append({"name": name, "quantile": quantile, "truth": truth.tolist(), "scores": scores.tolist(), "expected": expected})
    write("regression-reference.json", regression)


def write(name, document):
    (HERE / name).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


main()
