"""Makes customers.csv: 800 customers of a telephone company that does not exist. Nobody's data are in it.

A customer is more likely to leave who pays by the month, calls the support often, is new, or pays much for little; towns
and shops make little difference. Run from any directory.
"""
import csv
import pathlib

import numpy as np

r = np.random.RandomState(20)
m = 800
age = r.randint(18, 85, m)
months = np.minimum(r.geometric(0.03, m), 90)
contract = r.choice(["month", "year", "two years"], m, p=[.5, .3, .2])
calls = r.poisson(1.5, m)
plan = r.choice(["basic", "plus", "family", "business"], m, p=[.45, .3, .2, .05])
fee = np.round(15 + 10 * (plan == "plus") + 20 * (plan == "family") + 35 * (plan == "business") + r.rand(m) * 8, 2)
town = r.choice(["Bern", "Basel", "Zürich", "Lugano", "Chur", "Sion"], m, p=[.3, .25, .3, .1, .04, .01])
shop = r.choice(["web", "shop", "phone"], m, p=[.6, .3, .1])
z = -2.2 + 1.6 * (contract == "month") - 0.8 * (contract == "two years") + 0.5 * calls - 0.03 * months + 0.03 * fee + 0.3 * (shop == "phone")
churned = np.where(r.rand(m) < 1 / (1 + np.exp(-z)), "yes", "no")
with open(pathlib.Path(__file__).parent / "customers.csv", "w", newline="") as f:
    w = csv.writer(f, lineterminator="\n")
    w.writerow(["customer", "age", "months", "contract", "calls", "plan", "fee", "town", "shop", "churned"])
    for i in range(m):
        w.writerow([f"K{10000 + 7 * i}", "" if r.rand() < 0.06 else age[i], months[i], contract[i], calls[i], plan[i], fee[i],
                    "" if r.rand() < 0.03 else town[i], shop[i], churned[i]])
