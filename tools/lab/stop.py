"""Imported for its effect: Ctrl-C ends a helper with one line in place of a traceback."""
import sys


def said(kind, value, trace):
    if issubclass(kind, KeyboardInterrupt):
        print("lab: stopped", file=sys.stderr)
    else:
        sys.__excepthook__(kind, value, trace)


sys.excepthook = said
