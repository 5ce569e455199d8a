"""The file of the learners: a name and the scrypt hash of a password on each line, of root, for nobody else to read."""
import base64
import hashlib
import hmac
import os
import pathlib
import re
import secrets
import stat

FILE = pathlib.Path(os.environ.get("DESCENT_LEARNERS", "/srv/hub/learners"))
NAME = re.compile(r"[a-z][a-z0-9-]{0,30}")
LINE = re.compile(rf"({NAME.pattern}):(scrypt:\d+:\d+:\d+:[\w+/=]+:[\w+/=]+)")
SHORTEST = 8  # characters of a password
N, R, P = 2**15, 8, 1  # 32 MB and a tenth of a second for each guess


class Refused(Exception):
    """A sentence for the teacher."""


def scrypt(password, salt, n, r, p):
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=256 * n * r, dklen=32)


def hashed(password):
    salt = secrets.token_bytes(16)
    text = [base64.b64encode(b).decode() for b in (salt, scrypt(password, salt, N, R, P))]
    return ":".join(["scrypt", str(N), str(R), str(P), *text])


def matches(password, stored):
    _, n, r, p, salt, key = stored.split(":")
    return hmac.compare_digest(scrypt(password, base64.b64decode(salt), int(n), int(r), int(p)), base64.b64decode(key))


def check(name, password):
    """Why this cannot be a learner, or nothing."""
    if not NAME.fullmatch(name):
        return f"'{name}' cannot be a name: a small letter first, then small letters, digits and hyphens, at most 31 in all."
    if len(password) < SHORTEST:
        return f"the password of {name} is too short: {SHORTEST} characters at least."
    return None


def read(file=FILE):
    """The hash of each learner. Whoever else could read or write the file makes it worthless: then it is refused."""
    if not file.exists():
        raise Refused(f"{file} is not there: add the first learner with 'docker run --rm -it -v class:/srv/hub descent-hub learner NAME'.")
    about = os.stat(file)
    mode = stat.S_IMODE(about.st_mode)
    if about.st_uid != 0 or mode != 0o600:
        raise Refused(f"{file} has the mode {mode:04o} and belongs to the user {about.st_uid}: others may have read it. "
                      f"Make it 0600 and root's (chown 0:0, chmod 600), and give the learners new passwords.")
    found = {}
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if not (m := LINE.fullmatch(line)):
            raise Refused(f"line {number} of {file} is not a name and a hash: let the command 'learner' write this file.")
        found[m[1]] = m[2]
    return found


def write(found, file=FILE):
    """Whole or not at all."""
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.writelines(f"{name}:{stored}\n" for name, stored in sorted(found.items()))
        out.flush()
        os.fsync(out.fileno())
    part.replace(file)
