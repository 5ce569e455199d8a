"""Logs in to a hub as the browser does, waits for the learner's server and asks for paths of it.

    python3 hub_login.py NAME PASSWORD PATH…      prints a JSON list with the status of each, or "refused"
"""
import http.cookiejar
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

HUB = "http://127.0.0.1:8000"
name, password, *paths = sys.argv[1:]
jar = http.cookiejar.CookieJar()
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar), urllib.request.ProxyHandler({}))


def status(path):
    try:
        with opener.open(HUB + path, timeout=60) as reply:
            return reply.status
    except urllib.error.HTTPError as e:
        return e.code


status("/hub/login")
xsrf = next(c.value for c in jar if c.name == "_xsrf")
form = urllib.parse.urlencode({"username": name, "password": password, "_xsrf": xsrf}).encode()
with opener.open(HUB + "/hub/login?next=/hub/spawn", form, timeout=90) as reply:
    if "Invalid username or password" in reply.read().decode():
        print('"refused"')
        sys.exit()
end = time.monotonic() + 90
# The page logs the browser in to the learner's own server; the interface of that answers then.
while status(f"/user/{name}/lab") != 200 or status(f"/user/{name}/api/status") != 200:
    if time.monotonic() > end:
        sys.exit("the server did not start")
    time.sleep(0.3)
print(json.dumps([status(path) for path in paths]))
