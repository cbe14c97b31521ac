"""Writes {binary,multiclass,regression}-reference.json: inputs, and what scikit-learn says of them.

python3 test/domain/evaluation/make_reference.py      (made with scikit-learn 1.2.1)

Inputs that a file has already stay; those named below are added. A measure that scikit-learn refuses, or has no value for, is not
among the expected ones: Launchway must name why it has none.
"""

import json
import math
import pathlib
import warnings

import numpy
import sklearn
from sklearn import calibration, metrics

HERE = pathlib.Path(__file__).parent
ORIGIN = (
    f"scikit-learn {sklearn.__version__}, numpy {numpy.__version__}; inputs from numpy.random.default_rng(20300101), or as named; "
    "ks is max |tpr - fpr| of roc_curve; calibrationError is the mean gap of calibration_curve, weighted by rows; zero_division=0"
)
warnings.filterwarnings("ignore")


def calibration_error(truth, scores):
    shares, means = calibration.calibration_curve(truth, scores, n_bins=10, strategy="uniform")
    bins = numpy.searchsorted(numpy.linspace(0, 1, 11)[1:-1], scores)
    rows = numpy.bincount(bins, minlength=10)
    return float(numpy.sum(numpy.abs(shares - means) * rows[rows > 0]) / len(truth))


def decided(truth, decisions):
    named = {"zero_division": 0}
    return {
        "accuracy": metrics.accuracy_score(truth, decisions),
        "balancedAccuracy": metrics.balanced_accuracy_score(truth, decisions),
        "mcc": metrics.matthews_corrcoef(truth, decisions),
        "f1": metrics.f1_score(truth, decisions, **named),
        "precision": metrics.precision_score(truth, decisions, **named),
        "recall": metrics.recall_score(truth, decisions, **named),
    }


def binary(truth, scores, threshold):
    truth, scores = numpy.asarray(truth, dtype=int), numpy.asarray(scores, dtype=float)
    expected = decided(truth, (scores >= threshold).astype(int))
    if len(set(truth.tolist())) == 2:
        area = metrics.roc_auc_score(truth, scores)
        # All points: the curve without drop_intermediate's shortcuts.
        false_rate, true_rate, _ = metrics.roc_curve(truth, scores, drop_intermediate=False)
        expected |= {"auc": area, "gini": 2 * area - 1, "ks": numpy.max(numpy.abs(true_rate - false_rate))}
    if truth.sum() > 0:
        expected["prAuc"] = metrics.average_precision_score(truth, scores)
    if scores.min() >= 0 and scores.max() <= 1:
        expected |= {
            "logLoss": metrics.log_loss(truth, scores, labels=[0, 1]),
            "brier": metrics.brier_score_loss(truth, scores, pos_label=1),
            "calibrationError": calibration_error(truth, scores),
        }
    return expected


def multiclass(truth, probabilities):
    truth, scores = numpy.asarray(truth), numpy.asarray(probabilities, dtype=float)
    best = scores.argmax(axis=1)
    classes = list(range(scores.shape[1]))
    expected = {
        "accuracy": metrics.accuracy_score(truth, best),
        "balancedAccuracy": metrics.balanced_accuracy_score(truth, best),
        "logLoss": metrics.log_loss(truth, scores, labels=classes),
        "mcc": metrics.matthews_corrcoef(truth, best),
        "calibrationError": calibration_error((truth == best).astype(int), scores.max(axis=1)),
    }
    if len(set(truth.tolist())) == len(classes):
        one_hot = numpy.eye(len(classes))[truth]
        for how in ("macro", "weighted"):
            expected |= {
                f"auc{how.title()}": metrics.roc_auc_score(truth, scores, multi_class="ovr", average=how),
                f"aucOneVersusOne{how.title()}": metrics.roc_auc_score(truth, scores, multi_class="ovo", average=how),
                f"prAuc{how.title()}": metrics.average_precision_score(one_hot, scores, average=how),
            }
    for how in ("macro", "weighted"):
        precision, recall, f1, _ = metrics.precision_recall_fscore_support(truth, best, average=how, zero_division=0)
        expected |= {f"f1{how.title()}": f1, f"precision{how.title()}": precision, f"recall{how.title()}": recall}
    return expected


def regression(truth, scores, quantile):
    expected = {
        "rmse": metrics.mean_squared_error(truth, scores, squared=False),
        "mae": metrics.mean_absolute_error(truth, scores),
        "quantileLoss": metrics.mean_pinball_loss(truth, scores, alpha=quantile),
    }
    # scikit-learn answers 1 or 0 by convention where the answers do not vary (or too little for a square); R² has no value there.
    if len(set(numpy.asarray(truth).tolist())) > 1 and numpy.var(truth) > 0:
        expected["r2"] = metrics.r2_score(truth, scores)
    return expected


def park_miller(seed):
    """The "minimal standard" generator: the tests draw the same numbers from the same seed."""
    while True:
        seed = seed * 16807 % 2147483647
        yield seed / 2147483647


def generated(rows, seed, decimals):
    random = park_miller(seed)
    truth = [int(next(random) < 0.2) for _ in range(rows)]
    scores = [math.floor((0.3 * y + 0.7 * next(random)) * 10**decimals + 0.5) / 10**decimals for y in truth]
    return truth, scores


def more_binary(rng):
    tiny = 5e-324
    yield "one negative", [1, 1, 1, 0, 1], [0.9, 0.2, 0.4, 0.3, 0.3], 0.5
    yield "constant scores", [0, 1, 0, 1, 1], [0.37] * 5, 0.5
    yield "constant scores on the threshold", [0, 1, 0, 1, 1], [0.5] * 5, 0.5
    yield "exactly 0 and 1, all wrong", [0, 1, 0, 1], [1, 0, 1, 0], 0.5
    yield "zeros and a minus zero", [0, 1, 0, 1], [0.0, -0.0, 0.0, 1.0], 0.5
    yield "denormal scores", [0, 1, 0, 1, 1, 0], [tiny, 2 * tiny, tiny, 3 * tiny, 0.0, 2 * tiny], 2 * tiny
    yield "scores one step from 1", [0, 1, 0, 1], [1 - 2**-53, 1, 1 - 2**-52, 1 - 2**-53], 1
    yield "scores on the edges of bins", [int(i % 3 == 0) for i in range(22)], [i / 10 for i in range(11)] * 2, 0.3
    yield "scores just beside the edges", [0, 1] * 9, [x for i in range(1, 10) for x in (numpy.nextafter(i * 0.1, 0), numpy.nextafter(i * 0.1, 1))], 0.5
    yield "nobody is positive at the threshold", [0, 1, 1, 0], [0.1, 0.2, 0.3, 0.1], 0.9
    yield "everybody is positive at the threshold", [0, 1, 1, 0], [0.1, 0.2, 0.3, 0.1], 0.0
    yield "positives only", [1, 1, 1], [0.2, 0.8, 0.8], 0.5
    yield "negatives only", [0, 0, 0], [0.2, 0.8, 0.8], 0.5
    yield "a single row", [1], [0.7], 0.5
    yield "two rows that tie", [0, 1], [0.5, 0.5], 0.5
    yield "huge logits", [0, 1, 1, 0, 1], [-1e308, 1e308, 1.7e308, 1e-308, 0], 0
    yield "alternating ties of two values", [0, 1] * 20, [0.25, 0.25, 0.75, 0.75] * 10, 0.5
    truth = (rng.random(300) < 0.004).astype(int)
    truth[17] = 1
    yield "one or two positives of 300", truth.tolist(), numpy.round(rng.random(300), 2).tolist(), 0.9


def more_multiclass(rng):
    rows = 50
    truth = rng.integers(0, 12, rows)
    truth[:12] = range(12)
    odds = numpy.exp(rng.normal(size=(rows, 12)))
    yield "twelve classes, a few rows each", truth.tolist(), exact(odds)
    yield "all rows of one class are predicted as another", [0, 0, 1, 1, 2], [[0.2, 0.7, 0.1], [0.3, 0.6, 0.1], [0.1, 0.8, 0.1], [0.2, 0.7, 0.1], [0.1, 0.1, 0.8]]
    yield "ties for the most probable", [0, 1, 2, 1], [[0.4, 0.4, 0.2], [0.4, 0.4, 0.2], [0.25, 0.375, 0.375], [0.25, 0.375, 0.375]]
    yield "certain, with zeros", [0, 1, 2, 2, 1], [[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 0, 1]]
    yield "constant probabilities", [0, 1, 2, 0], [[0.5, 0.25, 0.25]] * 4
    yield "one class only is decided for", [0, 1, 2, 0, 0], [[0.9, 0.05, 0.05]] * 5


def exact(odds):
    """Probabilities that sum to 1 in binary: eighths of a per mille."""
    scores = numpy.floor(odds / odds.sum(axis=1, keepdims=True) * 8192) / 8192
    scores[:, 0] += 1 - scores.sum(axis=1)
    return scores.tolist()


def more_regression(rng):
    truth = (1e9 + rng.normal(size=60)).tolist()
    yield "answers far from zero, close together", truth, [y + float(e) for y, e in zip(truth, rng.normal(0, 0.3, 60))], 0.5
    yield "exact", [1.5, -2.25, 3], [1.5, -2.25, 3], 0.9
    yield "constant predictions", [1, 2, 3, 10], [4, 4, 4, 4], 0.5
    yield "worse than the mean", [1, 2, 3], [3, 2, 1], 0.1
    yield "answers that are all equal", [7, 7, 7], [6.5, 7, 7.5], 0.5
    yield "tenths that are all equal", [0.1] * 7, [0.2] * 7, 0.5
    yield "denormal answers", [5e-324, 1e-323, 0], [1e-323, 0, 5e-324], 0.5
    yield "sizes from 1e-12 to 1e12", [1e-12, 1, 1e12, -1e6], [2e-12, 1.5, 1.1e12, -1e6], 0.75
    yield "one row", [4.0], [5.0], 0.5


def main():
    rng = numpy.random.default_rng(20300101)
    cases = with_new("binary", ("truth", "scores", "threshold"), more_binary(rng))
    for case in cases:
        case["expected"] = binary(case["truth"], case["scores"], case.get("threshold", 0.5))
    for rows, seed, decimals in ((100_000, 11, 9), (200_000, 12, 2)):
        truth, scores = generated(rows, seed, decimals)
        made = {"rows": rows, "seed": seed, "decimals": decimals}
        cases.append({"name": f"{rows} rows with {decimals} decimals", "threshold": 0.5, "generated": made, "expected": binary(truth, scores, 0.5)})
    write("binary", cases)
    cases = with_new("multiclass", ("truth", "probabilities"), more_multiclass(rng))
    for case in cases:
        case["expected"] = multiclass(case["truth"], case["probabilities"])
    write("multiclass", cases)
    cases = with_new("regression", ("truth", "scores", "quantile"), more_regression(rng))
    for case in cases:
        case["expected"] = regression(case["truth"], case["scores"], case.get("quantile", 0.5))
    write("regression", cases)


def with_new(kind, members, more):
    """The cases of before whose inputs are in the file, then the new ones by name."""
    known = json.loads((HERE / f"{kind}-reference.json").read_text(encoding="utf-8"))["cases"]
    new = [{"name": name, **dict(zip(members, values))} for name, *values in more]
    names = {case["name"] for case in new}
    return [case for case in known if case["name"] not in names and "generated" not in case] + new


def write(kind, cases):
    document = {"origin": ORIGIN, "cases": cases}
    text = json.dumps(document, indent=1, default=float).replace("\n    ", " ").replace("\n   ]", "]").replace("\n   }", "}")
    (HERE / f"{kind}-reference.json").write_text(text + "\n", encoding="utf-8")


main()
