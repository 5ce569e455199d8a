"""Writes exact.json: linear and logistic regressions on inputs of awkward size, solved in rational arithmetic and
(logistic) in 100 digits.

Least squares and ridge minimise sum w (y - x theta)^2 / sum w + lambda/2 |w|^2, the intercept unpenalised; logistic
the weighted mean of the cross-entropy plus lambda/2 |w|^2. All inputs are the float64 that JSON round-trips.
"""
import json
import os
import random
from fractions import Fraction as F

from mpmath import exp, fsum, lu_solve, log, matrix, mp, mpf

mp.dps = 100
HERE = os.path.dirname(os.path.abspath(__file__))


def solve(a, b):
    """Gaussian elimination on fractions."""
    n = len(b)
    a = [row[:] + [v] for row, v in zip(a, b)]
    for i in range(n):
        p = next(k for k in range(i, n) if a[k][i] != 0)
        a[i], a[p] = a[p], a[i]
        for k in range(n):
            if k != i and a[k][i] != 0:
                f = a[k][i] / a[i][i]
                a[k] = [u - f * v for u, v in zip(a[k], a[i])]
    return [a[i][n] / a[i][i] for i in range(n)]


def linear(name, x, y, weights=None, lam=0.0, intercept=True):
    w = [F(v) for v in weights] if weights else [F(1)] * len(x)
    rows = [([F(1)] if intercept else []) + [F(v) for v in row] for row in x]
    n, first = len(rows[0]), int(intercept)
    total = sum(w)
    a = [[sum(w[i] * r[j] * r[k] for i, r in enumerate(rows)) / total for k in range(n)] for j in range(n)]
    for j in range(first, n):
        a[j][j] += F(lam) / 2
    b = [sum(w[i] * r[j] * F(y[i]) for i, r in enumerate(rows)) / total for j in range(n)]
    return {"Name": name, "X": x, "Y": y, "Weights": weights, "Lambda": lam, "Intercept": intercept,
            "Theta": [float(v) for v in solve(a, b)]}


def logistic(name, x, y, weights=None, lam=0.0, intercept=True):
    w = [mpf(v) for v in weights] if weights else [mpf(1)] * len(x)
    used = [i for i, v in enumerate(w) if v > 0]
    total = fsum(w)
    rows = [[mpf(v) for v in row] for row in x]
    cols = len(rows[0])
    # Centred and scaled, so that Newton's method is well conditioned; the penalty is in the units of x.
    shift = [fsum(w[i] * rows[i][j] for i in used) / total if intercept else mpf(0) for j in range(cols)]
    size = [max([mpf(lam) ** mpf(0.5) / 10 ** 9] + [abs(rows[i][j] - shift[j]) for i in used]) for j in range(cols)]
    z = [([mpf(1)] if intercept else []) + [(r[j] - shift[j]) / size[j] for j in range(cols)] for r in rows]
    first, n = int(intercept), cols + int(intercept)
    penalty = [mpf(0)] * first + [mpf(lam) / s ** 2 for s in size]
    theta = matrix(n, 1)

    def value(t):
        f = [fsum(z[i][j] * t[j] for j in range(n)) for i in range(len(z))]
        return fsum(w[i] * (log(1 + exp(f[i])) - f[i] * mpf(y[i])) for i in used) / total + fsum(
            penalty[j] * t[j] ** 2 / 2 for j in range(n))

    for _ in range(200):
        f = [fsum(z[i][j] * theta[j] for j in range(n)) for i in range(len(z))]
        p = [1 / (1 + exp(-v)) for v in f]
        g = matrix([fsum(w[i] * z[i][j] * (p[i] - mpf(y[i])) for i in used) / total + penalty[j] * theta[j]
                    for j in range(n)])
        h = matrix(n, n)
        for j in range(n):
            for k in range(n):
                h[j, k] = fsum(w[i] * z[i][j] * z[i][k] * p[i] * (1 - p[i]) for i in used) / total
            h[j, j] += penalty[j]
        step, scale = lu_solve(h, g), mpf(1)
        while value(theta - scale * step) > value(theta):
            scale /= 2
            if scale < mpf(10) ** -40:
                break
        theta = theta - scale * step
        if max(abs(v) for v in step) < mpf(10) ** -35:
            break
    else:
        raise SystemExit(name + " has not converged")
    weights_out = [theta[first + j] / size[j] for j in range(cols)]
    out = ([theta[0] - fsum(shift[j] * weights_out[j] for j in range(cols))] if intercept else []) + weights_out
    return {"Name": name, "X": x, "Y": y, "Weights": weights, "Lambda": lam, "Intercept": intercept,
            "Theta": [float(v) for v in out]}


rng = random.Random(13)
far = [[1e10 + v] for v in (0, 1, 2, 3, 5)]
five = [3.0, 5.0, 7.0, 9.0, 14.0]
odd = [0.1, 0.7, 1.3, 3.0, 1e-3]
cloud = [[1e6 + rng.gauss(0, 1), rng.gauss(0, 1e-8), 1e3 * rng.random()] for _ in range(12)]
cloud_y = [rng.gauss(5, 1) for _ in cloud]
cloud_w = [rng.choice([0.0, 2.0, 0.3, rng.random()]) for _ in cloud]
linears = [
    linear("far from 0", far, five),
    linear("far from 0, weights of 2", far, five, [2.0] * 5),
    linear("far from 0, uneven weights", far, five, odd),
    linear("far from 0, weights of very different size", far, five, [1e-200, 1.0, 3.0, 1e200, 7e199]),
    linear("far from 0, ridge", far, five, [2.0] * 5, 0.01),
    linear("far from 0, ridge with uneven weights", far, five, odd, 0.3),
    linear("a cloud", cloud, cloud_y, cloud_w),
    linear("a cloud, ridge", cloud, cloud_y, cloud_w, 1e-3),
    linear("tiny, ridge", [[1e-17], [2e-17], [3e-17]], [1.0, 1.0, 5.0], None, 2.0, False),
    linear("tiny, ridge with an intercept", [[1e-17], [2e-17], [3e-17]], [1.0, 1.0, 5.0], None, 2.0),
    linear("tiny beside large, ridge", [[1e-17, 1.0], [2e-17, 4.0], [3e-17, 2.0]], [1.0, 1.0, 5.0], None, 2.0),
    linear("of size 1e160", [[1e160], [2e160], [4e160]], [1.0, 1.5, 5.0]),
    linear("of size 1e-165", [[1e-165], [2e-165], [4e-165]], [1.0, 1.5, 5.0]),
    linear("below the normal numbers", [[1e-310], [2e-310], [4e-310]], [1e-309, 1.5e-309, 5e-309]),
    linear("of size 1e300, target of size 1e-300", [[1e300, 1.0], [2e300, 3.0], [4e300, 2.0], [-1e300, 1.0]],
           [1e-290, 1.5e-290, 5e-290, 2e-290]),
    linear("near the largest number", [[1.2e308], [1.6e308], [-1.7e308], [1e308]], [1.0, 2.0, 3.0, 5.0], None, 0.0, False),
    linear("a penalty near the largest number", [[1e150], [2e150], [-1e150]], [1.0, 2.0, 3.0], [1e300, 1.0, 2e300], 1e303),
]
steps = [0.0, 0.0, 1.0, 0.0, 1.0, 1.0]
logistics = [
    logistic("far from 0", [[1e8 + i] for i in range(6)], steps, None, 0.01),
    logistic("far from 0, without penalty", [[1e8 + i] for i in range(6)], steps),
    logistic("far from 0, weights", [[1e8 + i] for i in range(6)], steps, [1.0, 2.0, 0.5, 0.0, 3.0, 1.0], 0.01),
    logistic("far from 0, two columns", [[1e8 + i, -3e7 + i * i / 8] for i in range(6)], steps, None, 0.01),
    logistic("timestamps", [[1.7e15 + 1e6 * i] for i in range(6)], steps, None, 1e3),
    logistic("of size 1e160", [[i * 1e160] for i in range(6)], steps),
    logistic("of size 1e160, penalty", [[i * 1e160] for i in range(6)], steps, None, 1e305),
    logistic("of size 1e-165", [[i * 1e-165] for i in range(6)], steps),
    logistic("of size 1e-165, penalty", [[i * 1e-165] for i in range(6)], steps, None, 1e-320),
    logistic("of size 1e160, no intercept", [[(i - 2.2) * 1e160] for i in range(6)], steps, None, 0.0, False),
]
with open(os.path.join(HERE, "exact.json"), "w") as out:
    json.dump({"Linear": linears, "Logistic": logistics}, out)
    out.write("\n")
for c in linears + logistics:
    print(c["Name"], c["Theta"])
