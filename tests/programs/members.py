# SPDX-License-Identifier: BSD-2-Clause
"""members.py PAGE COMMAND FILE: every member in the lines of JSON in FILE is in the section
COMMAND of scard-json(7), with the kind that it has there, and those that may not be missing
are there. Prints how many members it saw."""
import json
import re
import sys


def read_page(page):
    """Section -> { path: (kinds, optional) }."""
    sections, current = {}, {}
    for line in open(page, encoding="utf-8"):
        head = re.match(r"\.Ss (.*)$", line)
        if head:
            current = sections.setdefault(head[1], {})
        member = re.match(r"\.It Li (\S+) No ([a-z ]+)(, optional)?$", line)
        if member:
            current[member[1]] = (member[2].split(" or "), member[3] is not None)
    return sections


def kind_of(value):
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int) else "string"


def walk(value, path, found):
    if isinstance(value, dict):
        for name, member in value.items():
            walk(member, f"{path}.{name}" if path else name, found)
    elif isinstance(value, list):
        for member in value:
            walk(member, path + "[]", found)
    else:
        found.append((path, kind_of(value)))


def document(members, path):
    """The entry that a path fits; a name may stand for any."""
    parent = path.rsplit(".", 1)[0] + ".*" if "." in path else "*"
    return members.get(path) or members.get(parent)


def needed(members, name, value):
    """Members that are missing in the objects where they belong."""
    for path, (_, optional) in members.items():
        if optional or "*" in path:
            continue
        places = [value]
        for step in path.removesuffix("[]").split(".")[:-1]:
            inner = [place.get(step.removesuffix("[]")) for place in places]
            places = sum((i if isinstance(i, list) else [i] for i in inner if i is not None), [])
        last = path.removesuffix("[]").split(".")[-1]
        for place in places:
            if last not in place:
                sys.exit(f"{name}: {path} is missing in {place}")


def main():
    page, name, file = sys.argv[1:]
    sections = read_page(page)
    seen = 0
    lines = open(file, encoding="utf-8").read().splitlines()
    if not lines:
        sys.exit(f"{name}: no JSON")
    for line in lines:
        value, found = json.loads(line), []
        members = {**sections["All commands"], **sections[name]}
        walk(value, "", found)
        seen += len(found)
        for path, kind in found:
            entry = document(members, path)
            if entry is None or kind not in entry[0]:
                sys.exit(f"{name}: {path}, a {kind}, is not in the page")
        if "error" not in value:
            needed(sections[name], name, value)
        elif "message" not in value["error"]:
            sys.exit(f"{name}: an error without a message")
    print(f"{name}: {seen} members")


main()
