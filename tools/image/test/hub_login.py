"""Logs in to a hub as the browser does, waits for the learner's server and asks for paths of it.

    python3 hub_login.py NAME PATH… <PASSWORD     prints a JSON list with the status of each, or "refused"

The path 'token' makes a token for the server's API, which is what is printed for it.
"""
import http.cookiejar
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

HUB = "http://127.0.0.1:8000"
name, *paths = sys.argv[1:]
password = sys.stdin.read()
jar = http.cookiejar.CookieJar()
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), urllib.request.ProxyHandler({}))


def status(path):
    try:
        with opener.open(HUB + path, timeout=60) as reply:
            return reply.status
    except urllib.error.HTTPError as e:
        return e.code


def xsrf():
    return next(c.value for c in jar if c.name == "_xsrf" and c.path == "/hub/")


def token():
    status("/hub/token")
    request = urllib.request.Request(f"{HUB}/hub/api/users/{name}/tokens", b"{}", {"X-XSRFToken": xsrf(), "Content-Type": "application/json"})
    with opener.open(request, timeout=60) as reply:
        return json.load(reply)["token"]


status("/hub/login")
form = urllib.parse.urlencode({"username": name, "password": password, "_xsrf": xsrf()}).encode()
try:
    with opener.open(HUB + "/hub/login?next=/hub/spawn", form, timeout=90) as reply:
        said = reply.read().decode()
except urllib.error.HTTPError as e:
    said = e.read().decode()
if "Invalid username or password" in said:
    print('"refused"')
    sys.exit()
end = time.monotonic() + 90
# The page logs the browser in to the learner's own server; the interface of that answers then.
while (now := status(f"/user/{name}/lab")) != 200 or status(f"/user/{name}/api/status") != 200:
    if now == 500 or time.monotonic() > end:
        sys.exit("the server did not start")
    time.sleep(0.3)
print(json.dumps([token() if path == "token" else status(path) for path in paths]))
