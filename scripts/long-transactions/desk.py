"""dbdesk's protocol in a few lines. A script carries its own copy: what is approved is its folder. A test holds the copies together."""

import json
import os
import shutil
import subprocess
import sys


def parameters():
    """What was asked for, by name."""
    return json.load(sys.stdin)


def say(kind, **fields):
    print(json.dumps({"type": kind, **fields}, ensure_ascii=False), flush=True)


def log(text):
    """A line for the thread."""
    say("log", text=text)


def progress(done, total, unit):
    say("progress", done=done, total=total, unit=unit)


def result(summary, **data):
    say("result", summary=summary, data=data)


def table(name, columns, rows):
    """Hands rows over as a CSV file."""
    import csv

    with open(name, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])
    say("artifact", name=name, media_type="text/csv", path=name)


def lines(rows, most=15):
    """The first rows under each other, for a summary."""
    shown = [" · ".join(str(value) for value in row) for row in rows[:most]]
    if len(rows) > most:
        shown.append(f"… and {len(rows) - most} more")
    return "\n".join(shown)


def size(count):
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if count < 1024 or unit == "TB":
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024


def literal(text):
    """Text as SQL that no sql_mode reads otherwise."""
    return f"CONVERT(0x{text.encode().hex()} USING utf8mb4)" if text else "''"


def sql(text, may_fail=False):
    """Sends statements to the primary; gives the lines of the answer. Neither SQL nor password stands in a command line."""
    client = shutil.which("mariadb") or shutil.which("mysql")
    if client is None:
        sys.exit("neither the client mariadb nor mysql is on the path of this machine")
    command = [client, f"--defaults-extra-file={os.environ['DBDESK_SECRETS']}", "--batch", "--raw", "--skip-column-names"]
    command.append("--default-character-set=utf8mb4")
    done = subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    if done.returncode != 0 and not may_fail:
        sys.exit(done.returncode)
    return done.stdout.splitlines()


def rows(columns, rest):
    """The rows of a query, each a list; `rest` begins with FROM."""
    fresh = "/*!80000 SET SESSION information_schema_stats_expiry = 0 */;\n"
    return [json.loads(line) for line in sql(f"{fresh}SELECT JSON_ARRAY({columns}) {rest};")]
