"""Tests of what is said about known vulnerabilities."""
import json
import unittest

import vuln


def message(osv, module, version, fixed, **place):
    return json.dumps({"finding": {"osv": osv, "fixed_version": fixed,
                                   "trace": [{"module": module, "version": version, **place}]}}, indent=2)


class Vulnerabilities(unittest.TestCase):
    def said(self, *messages):
        lines = []
        bad = vuln.report(".", vuln.findings("\n".join(messages)), lines.append)
        return bad, lines

    def test_nothing(self):
        self.assertEqual(self.said('{"config": {}}'), (False, [".: no dependency that it uses has a known vulnerability"]))

    def test_a_dependency_that_is_imported_fails(self):
        bad, lines = self.said('{"osv": {"id": "GO-1", "summary": "reads too far"}}',
                               message("GO-1", "golang.org/x/image", "v0.30.0", "v0.38.0"),
                               message("GO-1", "golang.org/x/image", "v0.30.0", "v0.38.0", package="golang.org/x/image/tiff"))
        self.assertTrue(bad)
        self.assertEqual(lines, ["FAIL: .: GO-1 in golang.org/x/image v0.30.0: reads too far (go get golang.org/x/image@v0.38.0)"])

    def test_a_module_whose_package_is_not_imported_is_a_note(self):
        bad, lines = self.said(message("GO-2", "golang.org/x/net", "v0.1.0", "v0.2.0"))
        self.assertFalse(bad)
        self.assertTrue(lines[0].startswith("note: .: GO-2"))

    def test_the_installed_go_is_one_note(self):
        bad, lines = self.said(message("GO-3", "stdlib", "v1.26.8", "v1.26.9", package="net/http", function="Read"),
                               message("GO-4", "stdlib", "v1.26.8", "v1.26.10", package="crypto/x509"))
        self.assertFalse(bad)
        self.assertEqual(lines[1], "note: .: the Go that is installed, v1.26.8, has 2 known vulnerabilities itself: install Go v1.26.10")


if __name__ == "__main__":
    unittest.main()
