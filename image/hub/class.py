"""Makes an account for each learner: class.py FILE

The file has one learner on each line, name:password; a line more is a learner more at the next start.
Homes lie in /home, which should be a volume, and keep their owners when the container is made anew.
"""
import os
import pathlib
import pwd
import re
import subprocess
import sys

FIRST = 2000  # the first learner's user id


def uid(home):
    """The owner of a home that is there, or the next number that is free."""
    if home.exists():
        return home.stat().st_uid
    taken = {p.pw_uid for p in pwd.getpwall()} | {h.stat().st_uid for h in home.parent.iterdir()}
    return max([FIRST - 1, *(u for u in taken if FIRST <= u < 60000)]) + 1


def main(file):
    if not file.exists():
        sys.exit(f"hub: {file} is not there: mount a file with one learner on each line, name:password.")
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if not line.strip():
            continue
        name, colon, password = line.partition(":")
        if not re.fullmatch(r"[a-z][a-z0-9-]{0,30}", name) or not colon or not password:
            sys.exit(f"hub: line {number} of {file.name} is not name:password (small letters, digits and hyphens in the name).")
        home = pathlib.Path("/home", name)
        try:
            if pwd.getpwnam(name).pw_uid < FIRST:
                sys.exit(f"hub: line {number} of {file.name}: '{name}' is an account of the system, choose another name.")
        except KeyError:
            subprocess.run(["useradd", "--uid", str(uid(home)), "--user-group", "--create-home", "--skel", "/dev/null", name], check=True)
        os.chmod(home, 0o700)
        subprocess.run(["chpasswd"], input=f"{name}:{password}\n", text=True, check=True)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
