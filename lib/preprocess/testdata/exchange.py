#!/usr/bin/env python3
# needs: pandas
"""What pandas reads from files with spaces, comments, other marks in numbers and other encodings.

Writes csvoptions.json beside itself: each file, its settings, and the columns as numbers or texts.
"""
import base64
import codecs
import io
import json
import pathlib

import pandas

GERMAN = "Name;Preis;Größe\nMüller;1.234,5;1,75\nJörg;-0,25;NA\nÅsa;3;1,80\nZoë;1,5e3;\nX;1.234.567;2\n"
CASES = {  # text, encoding, settings
    "spaces": ('a, b,  "c d"\n1, 2.5, "x, y"\n3,\t-4,z \n , 5,  ""\n', "utf-8", {"skipinitialspace": True}),
    "spaces and tabs": ("a\t b\n1\t 2\n 3\t4\n", "utf-8", {"sep": "\t", "skipinitialspace": True}),
    "comments": ('# made by "a program\n#\na;b\n1;2\n# between\n3;x4\n"#5";6\n#', "utf-8", {"sep": ";", "comment": "#"}),
    "comments with CRLF": ("% made by\r\na,b\r\n1,2\r\n% between\r\n3,4\r\n", "utf-8", {"comment": "%"}),
    "decimal commas": (GERMAN, "cp1252", {"sep": ";", "decimal": ",", "thousands": "."}),
    "quoted decimal commas": ('a,b\n"1,5",x\n"-2,25",y\n', "utf-8", {"decimal": ","}),
    "apostrophes": ("a;b\n1'234.5;1'000\n7;'x'\n", "latin-1", {"sep": ";", "thousands": "'"}),
    "UTF-16": ("a\tb\nÅ\t1\n北京\t2\n😀\t3\n", "utf-16", {"sep": "\t"}),
    "GB 18030": ("城市,人口\n北京,2189\n上海,2487\n", "gb18030", {}),
    "Shift JIS": ("都市,人口\n東京,1396\n大阪,275\n表示,1\n", "shift_jis", {}),
    "Latin 1": ("a,b\nÉmile,1\nño,2\n", "latin-1", {}),
    "KOI8": ("город,число\nМосква,1\n", "koi8-r", {}),
    "all at once": ("\ufeff# Stand: März\nOrt; Wert\n# zwei\nKöln; 1.000,5\n\"Bad; Ems\"; 2\n", "utf-8-sig",
                    {"sep": ";", "decimal": ",", "thousands": ".", "comment": "#", "skipinitialspace": True}),
}


def column(values):
    if values.dtype.kind in "if":
        return {"Floats": [None if v != v else float(v) for v in values]}
    return {"Strings": ["" if v != v else v for v in values]}


out = []
for name, (text, encoding, settings) in CASES.items():
    data = text.lstrip("\ufeff").encode(encoding)
    frame = pandas.read_csv(io.BytesIO(data), encoding=encoding, **settings)
    out.append({"Name": name, "File": base64.b64encode(data).decode(), "Encoding": codecs.lookup(encoding).name, "Comma": settings.get("sep", ","),
                "SkipSpace": settings.get("skipinitialspace", False), "Comment": settings.get("comment", ""), "Decimal": settings.get("decimal", ""),
                "Thousands": settings.get("thousands", ""), "Names": list(frame.columns), "Columns": [column(frame[c]) for c in frame.columns]})
text = json.dumps(out, ensure_ascii=False, separators=(",", ":")).replace('},{"Name"', '},\n{"Name"')
(pathlib.Path(__file__).parent / "csvoptions.json").write_text(text + "\n")
