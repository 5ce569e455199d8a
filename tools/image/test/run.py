"""Runs the tests of the image, two classes of them at a time, then alone those that measure: run.py [WORD]

With WORD only the tests with it in their names; with SAMPLE=1 without those that are marked for make soak.
"""
import concurrent.futures
import io
import os
import sys
import threading
import time
import unittest

import engine
import hub_test
import image_test

WORKERS = 2
said = threading.Lock()


def tests(suite):
    for part in suite:
        if isinstance(part, unittest.TestSuite):
            yield from tests(part)
        else:
            yield part


def verdict(suite):
    """Runs a suite, prints what it says as a whole, and returns its result."""
    out = io.StringIO()
    result = unittest.TextTestRunner(out, verbosity=2).run(unittest.TestSuite(suite))
    with said:
        print(out.getvalue(), flush=True)
    return result


def main(word):
    begin = time.monotonic()
    for module in (image_test, hub_test):
        module.setUpModule()
        module.setUpModule = lambda: None  # not once more for each class
    prepared = time.monotonic() - begin
    chosen = [t for module in (hub_test, image_test) for t in tests(unittest.defaultTestLoader.loadTestsFromModule(module)) if word in t.id()]
    if os.environ.get("SAMPLE"):
        later = [t for t in chosen if getattr(getattr(t, t._testMethodName), "soak", False)]
        chosen = [t for t in chosen if t not in later]
        print(f"image: {len(later)} tests are make soak's, {len(chosen)} run now", flush=True)
    if not chosen:
        sys.exit(f"image: no test has '{word}' in its name.")
    classes, measuring = {}, []
    for t in dict.fromkeys(chosen):
        if getattr(getattr(t, t._testMethodName), "alone", False):
            measuring.append(t)
        else:
            classes.setdefault(type(t), []).append(t)
    pool = concurrent.futures.ThreadPoolExecutor(WORKERS)
    longest = sorted(classes, key=lambda c: c is not image_test.Notebooks)  # first, so that it is not waited for at the end
    results = list(pool.map(verdict, (classes[c] for c in longest)))
    results.append(verdict(measuring))
    ran = sum(r.testsRun for r in results)
    failed = sum(len(r.failures) + len(r.errors) for r in results)
    print(f"image: prepared in {prepared:.0f} s, {time.monotonic() - begin:.0f} s in all")
    print(f"image: {ran - failed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    try:
        main(sys.argv[1] if len(sys.argv) > 1 else "")
    except KeyboardInterrupt:
        engine.clean()  # which ends what the workers wait for
        os._exit(130)
