"""Reference values for package preprocess, from scikit-learn 1.2.1, SciPy and NumPy.

Each is compared here with a plain transcription of its formula as well.
Run from any directory; writes the JSON files beside this script.
"""
import json
import math
import pathlib
from collections import Counter

import numpy as np
import scipy.ndimage
import scipy.sparse
from scipy.stats import norm
from sklearn import model_selection as ms
from sklearn import preprocessing as pp
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import (
    ENGLISH_STOP_WORDS, CountVectorizer, HashingVectorizer, TfidfVectorizer)
from sklearn.impute import SimpleImputer
from sklearn.utils import murmurhash3_32

HERE = pathlib.Path(__file__).parent
rng = np.random.RandomState(7)


def write(name, value):
    def plain(v):
        if isinstance(v, dict):
            return {str(k): plain(w) for k, w in v.items()}
        if isinstance(v, (list, tuple)):
            return [plain(w) for w in v]
        if isinstance(v, np.ndarray):
            return plain(v.tolist())
        if isinstance(v, np.generic):
            return plain(v.item())
        if isinstance(v, float) and math.isnan(v):
            return None  # a missing value
        return v
    (HERE / name).write_text(json.dumps(plain(value), separators=(",", ":")) + "\n")


# Columns: plain, large mean and small spread, heavy tails, constant, a constant
# that is not representable, skewed, nearly constant.
m = 12
x = np.column_stack([
    rng.randn(m) * 3 + 1,
    1e6 + rng.randn(m) * 1e-3,
    rng.standard_cauchy(m) * 10,
    np.full(m, 5.0),
    np.full(m, 0.1),
    rng.exponential(size=m),
    np.concatenate([np.zeros(m - 1), [1e-3]]),
])
new = x[:4] * 1.3 - 0.7
sparse = np.where(rng.rand(m, 7) < 0.6, 0, x)


def scaler_case(name, transformer, train, test):
    transformer.fit(train)
    out = transformer.transform(test)
    if scipy.sparse.issparse(out):
        out = out.toarray()
    return {"name": name, "out": out}


def plain_robust(train, test, low, high):
    out = np.empty_like(test)
    for j in range(train.shape[1]):
        s = np.sort(train[:, j])
        def q(p):
            at = p / 100 * (len(s) - 1)
            k = int(at)
            return s[k] if k + 1 == len(s) else s[k] + (s[k + 1] - s[k]) * (at - k)
        width = q(high) - q(low)
        out[:, j] = (test[:, j] - q(50)) / (width if width > 10 * np.finfo(float).eps else 1)
    return out


scalers = [
    scaler_case("standard", pp.StandardScaler(), x, new),
    scaler_case("standard, no mean", pp.StandardScaler(with_mean=False), x, new),
    scaler_case("standard, no std", pp.StandardScaler(with_std=False), x, new),
    scaler_case("standard, sparse", pp.StandardScaler(with_mean=False),
                scipy.sparse.csr_matrix(sparse), scipy.sparse.csr_matrix(sparse)),
    scaler_case("minmax", pp.MinMaxScaler(), x, new),
    scaler_case("minmax, range", pp.MinMaxScaler((-2, 5)), x, new),
    scaler_case("minmax, clip", pp.MinMaxScaler(clip=True), x, new),
    scaler_case("robust", pp.RobustScaler(), x, new),
    scaler_case("robust, quantiles", pp.RobustScaler(quantile_range=(10, 85)), x, new),
    scaler_case("robust, unit variance", pp.RobustScaler(unit_variance=True), x, new),
    scaler_case("robust, no centering", pp.RobustScaler(with_centering=False), x, new),
    scaler_case("robust, no scaling", pp.RobustScaler(with_scaling=False), x, new),
    scaler_case("robust, sparse", pp.RobustScaler(with_centering=False),
                scipy.sparse.csc_matrix(sparse), scipy.sparse.csr_matrix(sparse)),
    scaler_case("normalizer, l1", pp.Normalizer("l1"), x, sparse),
    scaler_case("normalizer, l2", pp.Normalizer("l2"), x, sparse),
    scaler_case("normalizer, max", pp.Normalizer("max"), x, sparse),
]
by_name = {c["name"]: np.asarray(c["out"]) for c in scalers}
varying = [0, 2, 5, 6]
mean = np.array([math.fsum(c) / m for c in x.T])
std = np.sqrt([math.fsum((v - mu) ** 2 for v in c) / m for c, mu in zip(x.T, mean)])
np.testing.assert_allclose(by_name["standard"][:, varying], ((new - mean) / np.where(std > 1e-12, std, 1))[:, varying], rtol=1e-12)
np.testing.assert_allclose(by_name["standard"][:, 3], new[:, 3] - 5, rtol=1e-12)
width = x.max(0) - x.min(0)
np.testing.assert_allclose(by_name["minmax"], (new - x.min(0)) / np.where(width > 0, width, 1), rtol=1e-8)
np.testing.assert_allclose(by_name["robust"], plain_robust(x, new, 25, 75), rtol=1e-8, atol=1e-12)
np.testing.assert_allclose(by_name["robust, quantiles"], plain_robust(x, new, 10, 85), rtol=1e-8, atol=1e-12)
iqr = norm.ppf(0.75) - norm.ppf(0.25)
np.testing.assert_allclose(by_name["robust, unit variance"][:, varying[:3]], by_name["robust"][:, varying[:3]] * iqr, rtol=1e-12)
write("scalers.json", {"x": x, "new": new, "sparse": sparse, "cases": scalers})

# Imputation: ties in the most frequent value, an odd and an even number of values,
# a column complete in training but not later.
xi = np.array([[1, 7, 2, 1], [np.nan, 7, 2, 2], [3, np.nan, 3, 3], [8, 1, 3, 4], [np.nan, 1, np.nan, 5], [1.5, 2, 9, 6.0]])
ni = np.array([[np.nan, np.nan, np.nan, np.nan], [1, 2, 3, 4], [5, np.nan, 6, np.nan]])
imputers = []
for strategy in ["mean", "median", "most_frequent", "constant"]:
    for indicator in [False, True]:
        t = SimpleImputer(strategy=strategy, fill_value=-7 if strategy == "constant" else None, add_indicator=indicator).fit(xi)
        imputers.append({"strategy": strategy, "indicator": indicator, "out": t.transform(ni)})
        for j, c in enumerate(xi.T):
            c = sorted(v for v in c if v == v)
            n = len(c)
            want = {"mean": sum(c) / n, "median": (c[(n - 1) // 2] + c[n // 2]) / 2,
                    "most_frequent": min(Counter(c), key=lambda v: (-Counter(c)[v], v)), "constant": -7}[strategy]
            assert abs(t.transform(ni)[0, j] - want) < 1e-14, (strategy, j)
write("imputers.json", {"x": xi, "new": ni, "cases": imputers})

# Polynomial features.
xp = rng.randn(3, 3)
polynomials = []
for degree in [1, 2, 3, 4]:
    for interaction in [False, True]:
        for bias in [False, True]:
            t = pp.PolynomialFeatures(degree, interaction_only=interaction, include_bias=bias).fit(xp)
            out = t.transform(xp)
            np.testing.assert_allclose(out, np.stack([np.prod(xp ** p, axis=1) for p in t.powers_], 1), rtol=1e-14)
            polynomials.append({"degree": degree, "interaction": interaction, "bias": bias, "out": out,
                                "names": t.get_feature_names_out(["a", "b", "c"])})
write("polynomials.json", {"x": xp, "cases": polynomials})

# Encoders of strings and of numbers.
colours = [["red", "S"], ["green", "M"], ["blue", "S"], ["red", "L"], ["green", "M"]]
later = [["blue", "M"], ["violet", "S"], ["red", "XL"]]
codes = np.array([[3, -1], [1, 2.5], [2, -1], [3, 2.5]])
encoders = []
for drop in [None, "first", "if_binary"]:
    t = pp.OneHotEncoder(drop=drop, handle_unknown="ignore").fit(colours)
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        strings = t.transform(later).toarray()
    encoders.append({"drop": drop or "", "strings": strings, "names": t.get_feature_names_out(["colour", "size"]),
                     "numbers": pp.OneHotEncoder(drop=drop).fit_transform(codes).toarray()})
assert encoders[0]["strings"].tolist() == [[1, 0, 0, 0, 1, 0], [0, 0, 0, 0, 0, 1], [0, 0, 1, 0, 0, 0]]
ordinal = {
    "strings": pp.OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1).fit(colours).transform(later),
    "levels": pp.OrdinalEncoder(categories=[["red", "green", "blue"], ["S", "M", "L"]]).fit_transform(colours),
    "numbers": pp.OrdinalEncoder().fit_transform(codes),
}
assert ordinal["strings"].tolist() == [[0, 1], [-1, 2], [2, -1]]
write("encoders.json", {"colours": colours, "later": later, "codes": codes, "onehot": encoders, "ordinal": ordinal})

# Text.
docs = ["The quick brown fox, the lazy dog: the FOX!", "A dog's life; a dog_house in Zürich (CH) 42 4 42",
        "Привет мир, привет", "naïve café — x y 中文 分词 中文", "fox dog fox dog fox", "", "the the the dog ½ x²"]
unseen = ["the fox sees a new café", "привет dog_house", "nothing of it"]


def csr(a):
    a = a.tocsr()
    a.sum_duplicates()
    a.sort_indices()
    return {"rows": a.shape[0], "cols": a.shape[1], "ptr": a.indptr, "indices": a.indices, "values": a.data.astype(float)}


counts = []
for options in [dict(), dict(ngram_range=(1, 2)), dict(ngram_range=(2, 3)), dict(min_df=2), dict(max_df=0.5),
                dict(max_features=6), dict(binary=True), dict(lowercase=False), dict(stop_words=["the", "dog"]),
                dict(analyzer="char", ngram_range=(1, 3)), dict(min_df=2, max_df=0.5, max_features=2, ngram_range=(1, 2))]:
    t = CountVectorizer(**options).fit(docs)
    counts.append({"options": options, "terms": t.get_feature_names_out(), "train": csr(t.transform(docs)), "new": csr(t.transform(unseen))})
tfidf = []
for options in [dict(), dict(norm="l1"), dict(norm=None), dict(smooth_idf=False), dict(sublinear_tf=True),
                dict(use_idf=False), dict(ngram_range=(1, 2), min_df=2, sublinear_tf=True)]:
    t = TfidfVectorizer(**options).fit(docs)
    out = t.transform(docs)
    tfidf.append({"options": options, "train": csr(out), "new": csr(t.transform(unseen))})
    c = CountVectorizer(**{k: v for k, v in options.items() if k in ("ngram_range", "min_df")}).fit_transform(docs).toarray().astype(float)
    df, n = (c > 0).sum(0), len(docs)
    w = np.where(c > 0, 1 + np.log(np.where(c > 0, c, 1)), 0) if options.get("sublinear_tf") else c
    if options.get("use_idf", True):
        w = w * (np.log((n + 1) / (df + 1)) + 1 if options.get("smooth_idf", True) else np.log(n / df) + 1)
    kind = options.get("norm", "l2")
    if kind:
        length = np.abs(w).sum(1) if kind == "l1" else np.sqrt((w ** 2).sum(1))
        w = w / np.where(length > 0, length, 1)[:, None]
    np.testing.assert_allclose(out.toarray(), w, rtol=1e-13)
hashing = []
for options in [dict(), dict(n_features=7), dict(n_features=16, alternate_sign=False), dict(n_features=8, norm=None),
                dict(n_features=8, norm=None, binary=True), dict(n_features=32, norm="l1", ngram_range=(1, 2))]:
    hashing.append({"options": options, "new": csr(HashingVectorizer(**options).transform(docs))})
words = ["", "a", "ab", "abc", "abcd", "hello, world", "Zürich", "привет", "The quick brown fox jumps over the lazy dog"]
# Published test vectors (Wikipedia, MurmurHash; SMHasher).
assert murmurhash3_32("test", 0x9747b28c, positive=True) == 0x704b81dc
assert murmurhash3_32("Hello, world!", 0x9747b28c, positive=True) == 0x24884CBA
write("text.json", {"docs": docs, "unseen": unseen, "counts": counts, "tfidf": tfidf, "hashing": hashing,
                    "murmur": [{"word": w, "seed": s, "hash": murmurhash3_32(w, s, positive=True)} for w in words for s in (0, 1, 0x9747b28c)],
                    "stop": sorted(ENGLISH_STOP_WORDS)})

# Folds without shuffling.
def folds(splitter, n, y=None, groups=None):
    return [{"train": a, "test": b} for a, b in splitter.split(np.zeros((n, 1)), y, groups)]


labels = [2, 0, 0, 1, 2, 2, 0, 1, 0, 0, 2, 2, 1, 0, 0, 2, 1]
groups = [4, 4, 1, 1, 1, 3, 9, 9, 9, 9, 4, 2, 2, 3, 7, 8, 7]
write("folds.json", {
    "labels": labels, "groups": groups,
    "kfold": [{"n": n, "k": k, "folds": folds(ms.KFold(k), n)} for n, k in [(10, 3), (7, 7), (12, 4), (11, 2)]],
    "stratified": [{"k": k, "folds": folds(ms.StratifiedKFold(k), len(labels), labels)} for k in (2, 3, 4)],
    "grouped": [{"k": k, "folds": folds(ms.GroupKFold(k), len(groups), None, groups)} for k in (2, 3, 5, 7)],
    "time": [{"k": k, "n": n, "size": s or 0, "gap": g, "max": mx or 0,
              "folds": folds(ms.TimeSeriesSplit(k, test_size=s, gap=g, max_train_size=mx), n)}
             for k, n, s, g, mx in [(3, 12, None, 0, None), (5, 13, None, 0, None), (3, 12, 2, 1, None), (2, 20, 5, 3, 4), (4, 9, 1, 0, 2)]],
})

# Warps: scipy.ndimage with the same inverse map, linear interpolation, and a
# constant outside.
image = rng.rand(2, 6, 9)
warps = []
for shift_x, shift_y, degrees, zoom, flip_x, flip_y, fill in [
        (1, 0, 0, 1, False, False, 0), (0.5, -1.25, 0, 1, False, False, 0.3), (0, 0, 30, 1, False, False, 0),
        (0, 0, 0, 1.5, False, False, 0), (0, 0, 0, 0.7, False, False, -1), (0, 0, 0, 1, True, False, 0),
        (0, 0, 0, 1, False, True, 0), (1.5, 0.5, -50, 1.2, True, False, 0.5), (40, 0, 0, 1, False, False, 0.25)]:
    # Forward, in (row, column): flip, zoom, rotate; y points down, so that
    # counter-clockwise as seen takes column to −row.
    a = math.radians(degrees)
    rotate = np.array([[math.cos(a), -math.sin(a)], [math.sin(a), math.cos(a)]])
    forward = rotate @ np.diag([zoom * (-1 if flip_y else 1), zoom * (-1 if flip_x else 1)])
    inverse = np.linalg.inv(forward)
    centre = (np.array(image.shape[1:]) - 1) / 2
    offset = centre - inverse @ (centre + [shift_y, shift_x])
    out = np.stack([scipy.ndimage.affine_transform(c, inverse, offset, order=1, mode="grid-constant", cval=fill) for c in image])
    warps.append({"shiftX": shift_x, "shiftY": shift_y, "degrees": degrees, "zoom": zoom, "flipX": flip_x, "flipY": flip_y,
                  "fill": fill, "out": out.ravel()})
np.testing.assert_allclose(warps[0]["out"].reshape(image.shape)[:, :, 1:], image[:, :, :-1], atol=1e-14)
np.testing.assert_allclose(warps[5]["out"].reshape(image.shape), image[:, :, ::-1], atol=1e-14)
write("warps.json", {"channels": 2, "height": 6, "width": 9, "image": image.ravel(), "cases": warps})

# Column transformer.
ct = ColumnTransformer([("scale", pp.StandardScaler(), [2, 0]), ("minmax", pp.MinMaxScaler(), [5])], remainder="passthrough")
write("columns.json", {"out": ct.fit(x).transform(new)})

# Infrequent categories, from scikit-learn 1.9, which pools an unknown category with them.
towns = [["a", "x"], ["a", "x"], ["b", "x"], ["b", "y"], ["b", "y"], ["c", "y"], ["d", "y"], ["d", "y"], ["e", "y"], ["a", "y"]]
unknown = [["c", "x"], ["z", "y"], ["e", "q"], ["b", "x"], ["d", "y"]]
cases = []
for frequency, most, drop in [(2, None, None), (3, None, None), (None, 3, None), (2, 3, None), (None, 2, None), (4, None, None),
                              (2, None, "first"), (3, None, "if_binary"), (None, 2, "if_binary"), (100, None, None)]:
    t = pp.OneHotEncoder(min_frequency=frequency, max_categories=most, drop=drop, handle_unknown="infrequent_if_exist").fit(towns)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        later = t.transform(unknown).toarray()
    cases.append({"minFrequency": frequency or 0, "maxCategories": most or 0, "drop": drop or "", "out": t.transform(towns).toarray(),
                  "later": later, "names": [n.replace("infrequent_sklearn", "infrequent") for n in t.get_feature_names_out(["town", "kind"])]})
write("infrequent.json", {"rows": towns, "later": unknown, "cases": cases})


# Folds that are stratified and grouped.
def shares(groups, labels, k):
    """The plain algorithm, whatever the version of scikit-learn."""
    names, inverse = np.unique(groups, return_inverse=True)
    classes, y = np.unique(labels, return_inverse=True)
    count = np.zeros((len(names), len(classes)))
    np.add.at(count, (inverse, y), 1)
    total, folds, place = np.bincount(y), np.zeros((k, len(classes))), {}
    for g in np.argsort(-count.std(axis=1), kind="stable"):
        best, least, fewest = None, np.inf, np.inf
        for i in range(k):
            trial = folds.copy()
            trial[i] += count[g]
            value, rows = (trial / total).std(axis=0).mean(), folds[i].sum()
            if value < least or np.isclose(value, least) and rows < fewest:
                best, least, fewest = i, value, rows
        folds[best] += count[g]
        place[g] = best
    return [[i for i, g in enumerate(inverse) if place[g] == f] for f in range(k)]


stratified_groups = []
for seed, m, many, classes, k in [(0, 40, 12, 2, 3), (1, 60, 20, 3, 5), (2, 25, 10, 2, 2), (3, 100, 15, 4, 4), (4, 200, 70, 2, 10)]:
    r = np.random.RandomState(seed)
    g = r.randint(0, many, m)
    y = (r.rand(m) * classes * (1 + g % 3) / 3).astype(int) % classes
    found = [list(test) for _, test in ms.StratifiedGroupKFold(k).split(np.zeros(m), y, g)]
    assert [list(map(int, f)) for f in found] == shares(g, y, k), seed
    stratified_groups.append({"k": k, "labels": y, "groups": g, "tests": found})
write("stratifiedgroups.json", stratified_groups)
