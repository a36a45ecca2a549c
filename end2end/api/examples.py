"""Walks docs/connect.md: each of its examples is run as it stands, against a server of its own, and the
receivers are told of a real choice and of a forged one.

Usage: examples.py SAYSO REPOSITORY FOLDER
"""

import csv
import gzip
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests
from standardwebhooks.webhooks import Webhook

# Who asks: the sections say the scope, these say for which system.
SYSTEMS = {"changes": "warehouse", "deliveries": "mailer", "reconcile": "mailer"}
# What the document leaves to whoever copies from it, and what it has for another machine.
LEFT_OUT = re.compile(r"^export |^sayso key create |^sayso system secret ", re.MULTILINE)
# Follows what changes until somebody ends it.
ENDLESS = re.compile(r"curl -sS -N|^while True:|^for \(;;\)|serve_forever|createServer", re.MULTILINE)
# Long enough to start and to read what is there.
A_WHILE = 5
LONGEST = 60


def fail(example, why):
    sys.exit(f"docs/connect.md, line {example['line']}: {why}\n\n{example['text']}")


def read(document):
    """The examples in order, each with its section's scope."""
    examples, scope, lines = [], None, document.read_text().splitlines()
    number = 0
    while number < len(lines):
        if lines[number].startswith("## "):
            found = re.search(r"scope `(\w+)`", lines[number])
            scope = found and found[1]
        if language := re.fullmatch(r"```(\w+)", lines[number]):
            end = lines.index("```", number)
            text = "\n".join(lines[number + 1 : end]) + "\n"
            examples.append({"scope": scope, "language": language[1], "text": text, "line": number + 1})
            number = end
        number += 1
    return examples


def free_port():
    with socket.socket() as ear:
        ear.bind(("127.0.0.1", 0))
        return ear.getsockname()[1]


class Business:
    """The example business, whose mailer is told where the receiver of the document listens."""

    def __init__(self, sayso, repository, folder):
        self.sayso, self.folder, self.port = sayso, folder, free_port()
        self.data, register = folder / "data", folder / "register"
        shutil.copytree(repository / "example", register)
        catalogue = register / "catalogue.toml"
        text, hook = catalogue.read_text(), "https://hooks.mailer.example/sayso"
        assert hook in text
        catalogue.write_text(text.replace(hook, f"http://127.0.0.1:{self.port}/"))
        serve = [sayso, "serve", "--port", "0", "--api-rate", "0", "--data", self.data]
        serve += ["--example", register, "--allow-network", "127.0.0.0/8"]
        self.server = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
        said = (re.search(r"Listening on (http://\S+)", line) for line in self.server.stdout)
        self.url = next(found for found in said if found)[1].rstrip("/")
        self.keys = {}
        self.secret = self.command("system", "secret", "mailer").strip()
        # A folder for commands, where `sayso` finds the example's data.
        (folder / "bin").mkdir()
        shim = folder / "bin" / "sayso"
        shim.write_text(f'#!/bin/sh\nexec "{sayso}" "$@" --data "{self.data}"\n')
        shim.chmod(0o755)

    def command(self, *words):
        command = [self.sayso, *words, "--data", self.data]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def key(self, scope):
        if scope not in self.keys:
            words = ["key", "create", "--name", scope, "--scope", scope]
            if scope in SYSTEMS:
                words += ["--system", SYSTEMS[scope]]
            said = self.command(*words).split()
            self.keys[scope] = next(word for word in said if word.startswith("sayso_"))
        return self.keys[scope]

    def get(self, scope, path):
        headers = {"Authorization": f"Bearer {self.key(scope)}"}
        answer = requests.get(self.url + path, headers=headers, timeout=10)
        answer.raise_for_status()
        return answer.json()

    def names(self, example):
        """What stands for the names that the examples use."""
        names = dict(os.environ, URL=self.url, SECRET=self.secret, PYTHONUNBUFFERED="1")
        names["PATH"] = f"{self.folder / 'bin'}:{names['PATH']}"
        if scope := example["scope"]:
            names["KEY"] = self.key(scope)
        if "$DELIVERY" in example["text"]:
            names["DELIVERY"] = self.get("deliveries", "/api/v1/deliveries?limit=1")["deliveries"][0]["id"]
        if "$ID" in example["text"]:
            checks = self.get("reconcile", "/api/v1/reconciliations?system=mailer")
            names["ID"] = checks["reconciliations"][0]["id"]
        return names


def program(example, opening, business):
    """The command that runs an example, after the lines that open all of its language."""
    text = example["text"].replace("8080", str(business.port))
    if example["language"] == "sh":
        kept = [line for line in text.splitlines() if not LEFT_OUT.match(line)]
        return ["bash", "-euo", "pipefail", "-c", "\n".join(kept)]
    name = f"line{example['line']}." + {"python": "py", "js": "mjs"}[example["language"]]
    begins = opening[example["language"]] if example["scope"] else ""
    (business.folder / name).write_text(f"{begins}\n{text}")
    return [sys.executable if example["language"] == "python" else "node", name]


def run(example, opening, business):
    command = program(example, opening, business)
    # In files, so that what a program has said is there when it is ended.
    with open(business.folder / "out", "w+") as out, open(business.folder / "err", "w+") as err:
        where = {"cwd": business.folder, "env": business.names(example)}
        child = subprocess.Popen(command, stdout=out, stderr=err, start_new_session=True, **where)
        endless = bool(ENDLESS.search(example["text"]))
        try:
            if endless and not example["scope"]:
                receive(example, business)
            child.wait(A_WHILE if endless else LONGEST)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            if not endless:
                fail(example, f"it did not end within {LONGEST} s")
        else:
            if endless or child.returncode != 0:
                err.seek(0)
                fail(example, f"it ended with {child.returncode}: {err.read()}")
        for told in (out, err):
            told.seek(0)
        return out.read(), err.read()


def receive(example, business):
    """Tells the receiver of the document of a choice, and tries to cheat it."""
    deadline = time.monotonic() + 20
    known = business.get("deliveries", "/api/v1/deliveries?state=acknowledged&limit=500")["deliveries"]
    person = f"receiver{example['line']}@example.com"
    choice = {"person": {"email": person}, "target": "message:offers/email", "act": "opt_out"}
    headers = {"Authorization": f"Bearer {business.key('choices')}"}
    requests.post(f"{business.url}/api/v1/choices", json=choice, headers=headers, timeout=10).raise_for_status()
    while True:
        path = "/api/v1/deliveries?state=acknowledged&limit=500"
        if len(business.get("deliveries", path)["deliveries"]) > len(known):
            break
        if time.monotonic() > deadline:
            fail(example, "it did not confirm what it was told")
        time.sleep(0.2)
    forged = {"webhook-id": "x", "webhook-timestamp": str(int(time.time())), "webhook-signature": "v1,AAAA"}
    answer = requests.post(f"http://127.0.0.1:{business.port}/", data="{}", headers=forged, timeout=5)
    if answer.status_code != 401:
        fail(example, "it takes a forged message")


def check(example, out, err):
    """What an example must have said."""
    if "Traceback" in err or "Error" in err:
        fail(example, f"it complains: {err}")
    if ENDLESS.search(example["text"]) and not out.strip():
        fail(example, f"it said nothing: {err}")
    if example["language"] == "sh" and '"/problems/' in out and example["scope"] != "choices":
        fail(example, f"it was answered with a problem: {out}")


def main():
    sayso, repository, folder = (Path(word).resolve() for word in sys.argv[1:])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    examples = read(repository / "docs/connect.md")
    business = Business(sayso, repository, folder)
    # The official library for webhooks is among the packages of the journeys.
    (folder / "node_modules").symlink_to(repository / "end2end/node_modules")
    (folder / "people.csv").write_text("email\nmorgan.ellison@example.com\n")
    (folder / "people.csv.gz").write_bytes(gzip.compress((folder / "people.csv").read_bytes()))
    opening = {one["language"]: one["text"] for one in reversed(examples) if not one["scope"] and "URL" in one["text"]}
    walked = 0
    try:
        for example in examples:
            if example["language"] not in ("sh", "python", "js") or example["text"] in opening.values():
                continue
            # Where the example before has left off in what changes.
            (folder / "after").unlink(missing_ok=True)
            check(example, *run(example, opening, business))
            walked += 1
    finally:
        business.server.terminate()
        business.server.wait(LONGEST)
    with open(folder / "answered.csv", newline="") as answered:
        assert {row["decision"] for row in csv.DictReader(answered)} <= {"allow", "deny"}
    print(f"{walked} examples of docs/connect.md do what they say.")


if __name__ == "__main__":
    main()
