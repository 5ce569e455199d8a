"""What a browser does, without one: opens a notebook's session on a server and runs cells in its kernel.

    python3 - URL TOKEN NOTEBOOK CELLS      CELLS is a JSON list of sources

Prints a JSON list with an object for each cell: seconds, text, html, images, error. It runs inside the container.
"""
import asyncio
import json
import sys
import time
import urllib.request
import uuid

from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

url, token, notebook, cells = sys.argv[1:]
cells = json.loads(cells)


def post(path, body):
    request = urllib.request.Request(url + path, json.dumps(body).encode(),
                                     {"Authorization": f"token {token}", "Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request))


async def execute(socket, code):
    begin, session = time.monotonic(), uuid.uuid4().hex
    header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "session": session, "username": "", "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": True, "allow_stdin": False, "stop_on_error": True}
    await socket.write_message(json.dumps({"header": header, "parent_header": {}, "metadata": {}, "content": content,
                                           "channel": "shell", "buffers": []}))
    result = {"text": "", "html": "", "images": 0, "error": ""}
    replied = idle = False
    while not (replied and idle):
        message = await socket.read_message()
        if message is None:
            raise SystemExit("the connection broke")
        message = json.loads(message)
        if message.get("parent_header", {}).get("msg_id") != header["msg_id"]:
            continue
        content = message["content"]
        match message["header"]["msg_type"]:
            case "stream":
                result["text"] += content["text"]
            case "display_data" | "execute_result":
                result["html"] += content["data"].get("text/html", "")
                result["images"] += any(mime.startswith("image/") for mime in content["data"])
            case "error":
                result["error"] = content["evalue"]
            case "execute_reply":
                replied = True
            case "status":
                idle = content["execution_state"] == "idle"
    return result | {"seconds": time.monotonic() - begin}


async def main():
    session = post("api/sessions", {"path": notebook, "name": notebook, "type": "notebook", "kernel": {"name": "gonb"}})
    address = f"ws{url.removeprefix('http')}api/kernels/{session['kernel']['id']}/channels?session_id={uuid.uuid4().hex}"
    socket = await websocket_connect(HTTPRequest(address, headers={"Authorization": f"token {token}"}))
    print(json.dumps([await execute(socket, code) for code in cells]))


asyncio.run(main())
