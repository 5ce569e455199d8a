"""Serves the course's site at course/ of the server, where cells run and compile in the reader's own browser.

It asks for no token: the site is the same for everybody, and nothing of it runs here.
"""
import pathlib

from jupyter_server.base.handlers import PublicStaticFileHandler
from jupyter_server.utils import url_path_join
from tornado.web import RedirectHandler

SITE = pathlib.Path("/opt/descent/site")
# What Python's own list lacks, or takes from a file that the image does not have.
TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json", ".woff2": "font/woff2"}


class Site(PublicStaticFileHandler):
    def get_content_type(self):
        kind = TYPES.get(pathlib.Path(self.absolute_path).suffix) or super().get_content_type()
        return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind

    def set_extra_headers(self, path):
        self.set_header("Cache-Control", "no-cache")  # asked about each time, which costs next to nothing here
        self.set_header("X-Content-Type-Options", "nosniff")

    def write_error(self, status, **_):
        page = SITE / "404.html"
        self.finish(page.read_bytes() if status == 404 else f"{status}")


def _load_jupyter_server_extension(app):
    if not (SITE / "index.html").exists():  # an image that was built without the site
        return
    course = url_path_join(app.web_app.settings["base_url"], "course")
    app.web_app.add_handlers(".*$", [
        (course, RedirectHandler, {"url": f"{course}/"}),
        (f"{course}/(.*)", Site, {"path": str(SITE), "default_filename": "index.html"}),
    ])
