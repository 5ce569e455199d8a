"""Looks up each name in the columns PyTorch and scikit-learn of compare.md in the installed packages.

It says which names are missing, and with which versions it compared. A bare `torch.save` stands in the table as `save`.
"""
import importlib
import pathlib
import re
import sys


def find(package, dotted):
    """Walks down from the package, importing what is a module."""
    thing, path = importlib.import_module(package), package
    for part in dotted.split("."):
        path += "." + part
        if not hasattr(thing, part):
            try:
                thing = importlib.import_module(path)
                continue
            except ImportError:
                return False
        thing = getattr(thing, part)
    return True


def main():
    text = pathlib.Path(__file__).with_name("compare.md").read_text(encoding="utf-8")
    packages = {2: "torch", 4: "sklearn"}
    importlib.import_module("sklearn.experimental.enable_halving_search_cv")
    names, missing = 0, []
    for line in text.splitlines():
        cells = [c.strip() for c in line.strip("|").split("|")]
        if not line.startswith("|") or len(cells) != 6:
            continue
        for column, package in packages.items():
            for name in re.findall(r"`([\w.]+)[^`]*`", cells[column]):
                names += 1
                if not find(package, name):
                    missing.append(f"{package}.{name}")
    for package in ("torch", "sklearn"):
        print(package, importlib.import_module(package).__version__)
    print(f"{names} names, {len(missing)} missing", *missing, sep="\n  ")
    sys.exit(bool(missing))


main()
