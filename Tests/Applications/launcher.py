"""Runs the application's commands, each in a process of its own whose packages are loaded.

Loading them takes a second, and the tests start some hundred processes. A line on standard input
asks for one: {"directory", "environment", "log", "words"}; a line on standard output answers when
it has ended: {"pid", "output", "code"}. `serve` is answered when the port is known, and goes on.
The application itself is loaded after the fork, since it reads its environment.
"""

import importlib
import json
import os
import signal
import sys
import time
import traceback

from registration import package_set  # First: the packages of 2014 need it.

PACKAGES = "flask flask_bcrypt flask_login flask_mail flask_migrate flask_sqlalchemy flask_wtf"
for package in f"{PACKAGES} alembic.config wtforms werkzeug.serving".split():
    importlib.import_module(package)


def run(request: dict, output: int) -> int:
    """Becomes the requested process; returns the exit code."""
    os.chdir(request["directory"])
    os.environ.update(request["environment"])
    time.tzset()
    log = os.open(request["log"], os.O_WRONLY | os.O_APPEND)
    for source, target in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (log, 2)):
        os.dup2(source, target)
    sys.argv = ["manage.py", *request["words"]]
    try:
        importlib.import_module(os.environ.get("APP_MODULE", "manage")).main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception:
        traceback.print_exc()
        return 1
    return 0


def launch(request: dict) -> dict:
    """Forks the requested process."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        code = run(request, writer)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    os.close(writer)
    with open(reader) as stream:
        if request["words"] == ["serve"]:
            servers.append(pid)
            return {"pid": pid, "output": stream.readline(), "code": None}
        output = stream.read()
    return {"pid": pid, "output": output, "code": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}


servers: list[int] = []
for line in sys.stdin:
    print(json.dumps(launch(json.loads(line))), flush=True)
for pid in servers:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
