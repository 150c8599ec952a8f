"""Trains the second reader and writes its weights; scikit-learn is needed here and nowhere else.

    python -m venv /tmp/train && /tmp/train/bin/pip install scikit-learn
    /tmp/train/bin/python -m tests.readers.train            # the figures, author by author
    /tmp/train/bin/python -m tests.readers.train --write    # and the weights

Lines are split by author, never by row: who is measured has taught nothing. Thresholds are chosen on scores that each
author's lines got from a reader trained on the others. The same lines give the same file.
"""

import json
import sys
from collections import Counter
from math import log
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from followup.reading_files import WEIGHTS, load_danger_words
from followup.rules.reading.danger import find_danger
from followup.rules.reading.normal import normalise
from followup.rules.reading.second_reader import SPEAKER, SecondReader, features, read_weights

LINES = Path(__file__).parent / "lines"
ROOT = Path(__file__).parents[2]
MOST_FEATURES = 14_000
STRENGTH = 20.0
"""Of the regression (its C)."""
FALSE_URGENT = 0.005
FALSE_CONCERN = 0.10
"""Shares of other lines that may score as high as that."""


def read_lines() -> list[dict]:
    """All authors' lines, each with its author; in a fixed order."""
    rows = []
    for file in sorted(LINES.glob("author_*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            rows.append(json.loads(line) | {"author": file.stem})
    return rows


def is_danger(row: dict) -> bool:
    return row["kind"] == "danger" and row["level"] == "urgent"


def counted(text: str) -> Counter[str]:
    tokens = [token for token in normalise(text).tokens if token.kind in {"word", "number"}]
    return Counter(name for name, _ in features(tokens))


def vocabulary(counts: list[Counter[str]], labels: np.ndarray) -> dict[str, float]:
    """The features that tell most, with their idf."""
    seen: Counter[str] = Counter()
    in_danger: Counter[str] = Counter()
    for count, label in zip(counts, labels, strict=True):
        seen.update(count.keys())
        if label:
            in_danger.update(count.keys())
    share = labels.mean()
    telling = {name: abs(in_danger[name] - times * share) / (times**0.5) for name, times in seen.items() if times >= 2}
    kept = sorted(telling, key=lambda name: (-telling[name], name))[:MOST_FEATURES]
    return {name: log((1 + len(counts)) / (1 + seen[name])) + 1 for name in sorted(kept)}


def table(counts: list[Counter[str]], idf: dict[str, float]) -> csr_matrix:
    columns = {name: nth for nth, name in enumerate(idf)}
    data, column, row_ends = [], [], [0]
    for count in counts:
        sizes = {name: (1 + log(times)) * idf[name] for name, times in count.items() if name in idf}
        length = sum(size * size for size in sizes.values()) ** 0.5 or 1.0
        data += [size / length for size in sizes.values()]
        column += [columns[name] for name in sizes]
        row_ends.append(len(data))
    return csr_matrix((data, column, row_ends), shape=(len(counts), len(idf)))


def fit(counts: list[Counter[str]], labels: np.ndarray) -> tuple[dict[str, float], LogisticRegression]:
    idf = vocabulary(counts, labels)
    model = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=2000, solver="liblinear", random_state=7)
    model.fit(table(counts, idf), labels)
    return idf, model


def scores_by_others(rows: list[dict], counts: list[Counter[str]], labels: np.ndarray) -> np.ndarray:
    """Each line's score from a reader that has never seen its author."""
    scores = np.zeros(len(rows))
    authors = np.array([row["author"] for row in rows])
    for author in sorted(set(authors)):
        held = authors == author
        idf, model = fit([count for count, out in zip(counts, held, strict=True) if not out], labels[~held])
        held_counts = [count for count, out in zip(counts, held, strict=True) if out]
        scores[held] = model.predict_proba(table(held_counts, idf))[:, 1]
    return scores


def thresholds(rows: list[dict], scores: np.ndarray, labels: np.ndarray) -> dict[str, float]:
    """As low as the allowed shares of other lines let them be."""
    grammar = load_danger_words(ROOT / "schedules")
    plain = [normalise(row["text"]) for row in rows]
    speaks = np.array([any(token.word in SPEAKER for token in normal.tokens) for normal in plain])
    words = np.array([any(not danger.lowered for danger in find_danger(normal, grammar)) for normal in plain])
    others = int((~labels).sum())
    concern = lowest(scores[~labels], int(others * FALSE_CONCERN))
    urgent = max(lowest(scores[~labels & speaks], int(others * FALSE_URGENT)), concern)
    agrees = max(lowest(scores[~labels & speaks & words], int(others * FALSE_URGENT)), concern)
    return {"concern_from": concern, "agrees_from": min(agrees, urgent), "urgent_from": urgent}


def lowest(scores: np.ndarray, allowed: int) -> float:
    """The lowest threshold that so many of these scores reach at most."""
    ordered = np.sort(scores)[::-1]
    return round(float(ordered[allowed]) + 0.005, 3)


def show(rows: list[dict], scores: np.ndarray, labels: np.ndarray, chosen: dict[str, float]) -> None:
    print(f"{len(rows)} lines; {chosen}; each author read by the others")
    concern, urgent = chosen["concern_from"], chosen["urgent_from"]
    for author in sorted({row["author"] for row in rows}):
        mine = np.array([row["author"] == author for row in rows])
        danger, other = scores[mine & labels], scores[mine & ~labels]
        print(
            f"  {author}: of {len(danger)} danger lines {np.mean(danger >= concern):.2f} lifted, "
            f"{np.mean(danger >= urgent):.2f} very high; of {len(other)} others "
            f"{np.mean(other >= concern):.2f} lifted, {np.mean(other >= urgent):.3f} very high"
        )


def made_of(idf: dict[str, float], model: LogisticRegression, chosen: dict[str, float]) -> dict:
    """What the file holds."""
    moves = (round(float(each), 3) for each in model.coef_[0])
    return {
        "version": "1",
        **chosen,
        "start": round(float(model.intercept_[0]), 4),
        "features": {name: [round(idf[name], 2), each] for name, each in zip(idf, moves, strict=True) if each},
    }


def trained_without(author: str) -> SecondReader:
    """With the thresholds of the shipped one, which is what is measured."""
    shipped = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    rows = [row for row in read_lines() if row["author"] != author]
    idf, model = fit([counted(row["text"]) for row in rows], np.array([is_danger(row) for row in rows]))
    return read_weights(made_of(idf, model, {name: shipped[name] for name in shipped if name.endswith("_from")}))


def main() -> None:
    rows = read_lines()
    counts = [counted(row["text"]) for row in rows]
    labels = np.array([is_danger(row) for row in rows])
    scores = scores_by_others(rows, counts, labels)
    chosen = thresholds(rows, scores, labels)
    show(rows, scores, labels, chosen)
    if "--write" not in sys.argv:
        return
    made = made_of(*fit(counts, labels), chosen)
    WEIGHTS.write_text(json.dumps(made, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{WEIGHTS.name}: {len(made['features'])} features, {WEIGHTS.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
