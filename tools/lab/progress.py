"""Runs a command and shows how far it is: progress.py WHAT PATTERN TOTAL LOG COMMAND…

Lines of the command that match PATTERN are counted, "12 of at most TOTAL"; where it has a group, those only in which the
group matches. All other lines go to the file LOG. Where there is nothing to count, nothing is shown. A terminal has one
line that moves, everything else a new line now and then.
"""
import re
import subprocess
import sys
import threading
import time

import stop  # noqa: F401

EVERY = 15  # seconds from line to line where there is no terminal


class Shown:
    """What a person sees of the work: its name, how much of it is done, for how long."""

    def __init__(self, what, total):
        self.what, self.total, self.done, self.lines = what, total, 0, 0
        self.began, self.terminal = time.monotonic(), sys.stderr.isatty()
        self.over = threading.Event()

    def tick(self):
        """Counts one more; the first begins to show."""
        self.done += 1
        if self.done == 1:
            total = self.total() if callable(self.total) else self.total
            self.total = int(total or 0)
            self.line()
            threading.Thread(target=self.keep, daemon=True).start()

    def keep(self):
        while not self.over.wait(0.5 if self.terminal else EVERY):
            self.line()

    def line(self):
        of = f" of at most {max(self.total, self.done)}" if self.total else ""
        text = f"lab: {self.what}: {self.done}{of}, {time.monotonic() - self.began:.0f} s"
        print(f"\r{text}\033[K" if self.terminal else text, end="" if self.terminal else "\n", file=sys.stderr, flush=True)

    def end(self):
        self.over.set()
        if self.done:
            self.line()
            if self.terminal:
                print(file=sys.stderr)


def run(what, pattern, total, log, command, **options):
    """Runs it and returns its exit status; total may be a function, asked when the first line has come."""
    shown = Shown(what, total)
    command = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               text=True, errors="replace", **options)
    try:
        for line in command.stdout:
            if found := re.match(pattern, line):
                if None not in found.groups():
                    shown.tick()
            else:
                log.write(line)
                log.flush()
        return command.wait()
    finally:
        shown.end()


if __name__ == "__main__":
    what, pattern, total, log, *command = sys.argv[1:]
    with open(log, "a", encoding="utf-8") as out:
        sys.exit(run(what, pattern, total, out, command))
