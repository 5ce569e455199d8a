"""Reference values for package ngram, from NLTK 3.10.4; run from any directory.

NLTK's KneserNeyInterpolated has one discount for all orders above the first, none for the first, and gives a
word that it has not seen the probability 0. Its padding counts as words; here it is only context, so the model
is fitted to n-grams that end with a word of the text. A longer vocabulary would change nothing: NLTK's
unigrams are not mixed with 1/V.
"""
import json
import pathlib
import random

from nltk.lm import KneserNeyInterpolated, Vocabulary

HERE = pathlib.Path(__file__).parent
random.seed(3)

out = []
for n, discount, sequences in [
    (2, 0.1, [[0, 1, 2, 0, 1, 3, 0, 1, 2, 1]]),
    (3, 0.75, [[0, 1, 0, 0, 1, 1, 2, 0, 1, 0, 1], [2, 1, 0], [1]]),
    (4, 0.5, [[min(int(random.expovariate(0.6)), 5) for _ in range(300)] for _ in range(3)]),
]:
    size = 1 + max(max(s) for s in sequences)
    grams = []
    for s in sequences:
        padded = [-1] * (n - 1) + s
        for i in range(len(s)):
            for k in range(1, n + 1):
                grams.append(tuple(map(str, padded[i + n - k:i + n])))
    lm = KneserNeyInterpolated(n, discount, vocabulary=Vocabulary(map(str, range(size))))
    lm.fit([grams])
    contexts = [[], [0], [1], [2, 1], [1, 0, 1], [0, 0, 2], [size - 1, size - 1, 0]] + [[-1] * k for k in range(1, n)]
    contexts = [c[-(n - 1):] for c in contexts]
    cases = []
    for c in contexts:
        # here, a context that is shorter than n − 1 is the beginning of a sequence
        full = [-1] * (n - 1 - len(c)) + c
        cases.append({"context": c, "p": [lm.score(str(w), tuple(map(str, full))) for w in range(size)]})
    out.append({"n": n, "discount": discount, "sequences": sequences, "size": size, "cases": cases})
(HERE / "kneserney.json").write_text(json.dumps(out, separators=(",", ":")) + "\n")
