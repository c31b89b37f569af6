#!/usr/bin/env bash
# MNN 3.6.1: its converter installs a package that nobody asked for, for a report to its makers that it then cannot write.
#
# Guess:     mnnconvert, the command of the wheel that turns an ONNX file into one of MNN's, reads a file and writes a file;
#            what it needs beside itself the wheel declares, so that pip installs it before, with everything else.
# Behaviour: the module of the command runs `pip install -U aliyun-log-python-sdk` in a shell as it is imported, unpinned,
#            with the pip that is first on the PATH, whatever environment that is of; its one line
#            of that reads like advice. With the package there it fetches credentials from a function of Alibaba's cloud at
#            each start. What it would send when the file is written (the machine's lasting id, the arguments, sizes, an id of
#            the model) it does not send: it looks for a module MNN.version, which the wheel has not got, and swallows the
#            error. No variable or option turns any of it off. The converter itself, _tools.mnnconvert, does none of it.
# Seen:      mnnconvert -f ONNX --modelFile net.onnx --MNNModel net.mnn --bizCode depth
#            runs     pip install -U aliyun-log-python-sdk
#            asks     a host of cn-hangzhou.fc.aliyuncs.com
#            sends    nothing: No module named 'MNN.version'
#            _tools.mnnconvert with the same arguments: none of it
#
# It matters for builds without the network, which wait for it, and wherever a build must not change what it builds in.
# Fails where that changes. Needs Linux, Python 3.11 or newer and the network for pip; writes to a temporary folder only.
# The shell, the network and Alibaba's package are taken away from it and note what they are asked for: nothing is sent.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 onnx==1.23.2 MNN==3.6.1
venv/bin/python - <<'PYTHON'
import io
import json
import os
import sys
import types
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import _tools
import onnx
from onnx import TensorProto, helper

shell, asked, sent = [], [], []
COMMAND = "mnnconvert -f ONNX --modelFile net.onnx --MNNModel net.mnn --bizCode depth".split()


class Item:
    """A line of the log, as Alibaba's package has it."""

    def set_time(self, time):
        pass

    def set_contents(self, contents):
        self.contents = dict(contents)


class Client:
    def __init__(self, *address):
        pass

    def put_logs(self, request):
        sent.extend(item.contents for item in request)


def in_shell(line):
    """Note the command, and stand in for the package that it would bring."""
    shell.append(line)
    package, module, item = (types.ModuleType(name) for name in ("aliyun", "aliyun.log", "aliyun.log.logitem"))
    module.LogClient, module.PutLogsRequest, item.LogItem = Client, lambda *fields: fields[-1], Item
    package.log = module
    sys.modules.update({"aliyun": package, "aliyun.log": module, "aliyun.log.logitem": item})


def over_network(request):
    asked.append(urlsplit(request.full_url).hostname)
    secrets = dict.fromkeys(("AccessKeyId", "AccessKeySecret", "SecurityToken"), "none")
    return io.BytesIO(json.dumps({"Credentials": {**secrets, "Expiration": "2099-01-01T00:00:00Z"}}).encode())


values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, 4)) for name in "xy"]
graph = helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "net", values[:1], values[1:])
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), "net.onnx")

os.system, urllib.request.urlopen = in_shell, over_network
_tools.mnnconvert(COMMAND)
assert Path("net.mnn").exists() and not (shell or asked or sent)

sys.argv = COMMAND
from MNN.tools.mnnconvert import main  # noqa: E402

assert shell == ["pip install -U aliyun-log-python-sdk"]
main()
hosts = {".".join(host.split(".")[1:]) for host in asked}
assert hosts == {"cn-hangzhou.fc.aliyuncs.com"} and not sent
try:
    sys.modules["MNN.tools.utils.log"].mnn_logger._collect_basic_logs()
except ModuleNotFoundError as error:
    print(f"runs: {shell}\nasks: a host of {hosts}\nsends: nothing: {error}")
else:
    raise AssertionError("it could send the report")
PYTHON
