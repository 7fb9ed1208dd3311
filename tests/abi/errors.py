# SPDX-License-Identifier: BSD-2-Clause
"""errors.py SOURCE_DIR RESULTS_DIR: the errors that the public headers' comments name for
each call are those that the tests of the exported calls provoked (recorder/recorder.h), in
each ABI: none is named that nothing provokes, none is provoked that is not named. What no
test can provoke stands in errors.list, with its reason.

How a comment names errors: in its lines "- NAME, NAME: when". "(Windows ABI)" or
"(pcsc-lite ABI)" behind a name restricts it; "introducing,", "forgetting,", "reading," and
"writing," behind the colon, to the calls of a block that do that. "INVALID_HANDLE", "Card
errors", "out buffer" and "The errors of CALL" stand for the rules that winscard.h has."""
import pathlib
import re
import sys

NAME = r"\b(?:SCARD_[EWFP]_[A-Z_]+|ERROR_[A-Z_]+|INVALID_HANDLE)\b"
ABIS = {"windows": "Windows", "pcsclite": "pcsc-lite"}
ANY_CALL = "any_call"
VERBS = {"introducing": "Introduce", "forgetting": "Forget", "reading": "Read",
         "writing": "Write"}
WRITES = re.compile(r"SCard(Introduce(?!ReaderGroup)|Forget|Add|Remove|Set)")
failures = 0


def complain(text):
    global failures
    failures += 1
    print("errors: " + text)


def codes(text, abi):
    """Names of scarderr.h -> numbers."""
    found = {}
    for name, number in re.findall(r"#define (\w+) +\(?(?:\(LONG\))?(\w+?)L?\b", text):
        number = int(number, 0) if re.match(r"\d", number) else None
        first = name not in found # of two, the Windows ABI's
        if number and (first or abi == "pcsclite"):
            found[name] = number
    return found


def blocks(text):
    """(comment, names of the calls that follow it before the next one)."""
    for comment, code in re.findall(r"/\*(.*?)\*/(.*?)(?=/\*|\Z)", text, re.S):
        calls = re.findall(r"WINSCARDAPI LONG WINAPI\s+(WINSCARD_ANSI\()?(\w+)", code)
        yield re.sub(r"\n \*", "\n", comment), calls


def items(comment):
    """The text of each "- " of a comment."""
    found, inside = [], False
    for line in comment.split("\n"):
        if line.startswith(" - "):
            found.append(line[3:])
            inside = True
        elif not line.strip():
            inside = False
        elif inside:
            found[-1] += " " + line.strip()
    return found


def here(text, place, abi):
    """Whether what is named at `place` of text is so in this ABI."""
    only = re.match(r"[^,.(]*\((Windows|pcsc-lite) ABI\)", text[place:])
    return only is None or only[1] == ABIS[abi]


def named(text, call, abi, others):
    """The errors of one item."""
    head, _, when = text.partition(":")
    verbs = [verb for verb in VERBS if re.search(verb + ",", when)]
    if verbs and not any(VERBS[verb] in call for verb in verbs):
        return set()
    found = {match[0] for match in re.finditer(NAME, head) if here(head, match.end(), abi)}
    if "Card errors" in head:
        found |= others["Card errors"]
    for other in re.findall(r"[Tt]he errors of (\w+)", head):
        found |= others[other] if other in others else others[other + "A"]
    return found


def out_buffer(comment, call):
    """What "out buffer" in a comment stands for, of this call."""
    found = re.search(r"(Reading:[^.]*)?\b[Oo]ut\s+buffer", comment)
    if not found or (found[1] and "Read" not in call):
        return set()
    names = set() if "Every pointer may be NULL" in comment else {"INVALID_PARAMETER"}
    if "_INSUFFICIENT_BUFFER" not in comment: # which says more exactly
        names.add("INSUFFICIENT_BUFFER")
    return {"SCARD_E_" + name for name in names}


def read_headers(folder, abi, exported):
    """call -> names of errors."""
    rules = re.sub(r"\n \*", "", (folder / "winscard.h").read_text())
    cards = rules[rules.index(" Cards. "):rules.index(" Threads. ")]
    others = {"Card errors": set(re.findall(NAME, cards))}
    always = rules[rules.index("Every call may fail"):rules.index("these are not listed")]
    wanted = {ANY_CALL: set(re.findall(NAME, always))}
    for path in ("context", "card", "reader", "database", "dialog"):
        name = path + ("" if path == "dialog" else "_calls") + ".h"
        text = (folder / "winscard" / name).read_text()
        rule = path == "database"
        for comment, calls in blocks(text):
            for ansi, call in calls:
                names = others.get(re.sub("W$", "", call), set())
                names = others.get(re.sub("W$", "A", call), names).copy()
                if names: # the W call of one that has its comment before
                    others[call] = names
                    if call in exported:
                        wanted[call] = names
                    continue
                for item in items(comment):
                    names |= named(item, call, abi, others)
                names |= out_buffer(comment, call)
                if rule:
                    names |= {"INVALID_HANDLE", "SCARD_E_INVALID_PARAMETER"}
                if rule and WRITES.match(call):
                    names |= {"SCARD_W_SECURITY_VIOLATION"}
                others[call] = names
                name = call + ("A" if ansi and abi == "windows" else "")
                if name in exported:
                    wanted[name] = names
    bad = "ERROR_" if abi == "windows" else "SCARD_E_"
    return {call: {bad + name if name == "INVALID_HANDLE" else name for name in names}
            for call, names in wanted.items()}


def read_exported(source, abi):
    files = {"windows": ("winscard.def", "packaging/scarddlg.def"),
             "pcsclite": ("packaging/libpcsclite.exports",)}[abi]
    return set(" ".join((source / name).read_text() for name in files).split())


def read_exceptions(path):
    """(ABI or "both", call, error) of each line."""
    lines = [line.partition("#") for line in path.read_text().splitlines()]
    for fields, _, reason in lines:
        if fields and not reason.strip():
            complain(f"errors.list: no reason: {fields}")
    return {tuple(fields.split()) for fields, _, _ in lines if fields}


def main():
    source, results = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    headers = source / "include" / "winscard"
    exceptions = read_exceptions(source / "tests" / "abi" / "errors.list")
    provoked, used, count = {}, set(), 0
    for path in results.iterdir():
        for line in path.read_text().splitlines():
            abi, call, code = line.split()
            provoked.setdefault((abi, call), set()).add(int(code, 16))
    for abi in ABIS:
        numbers = codes((headers / "scarderr.h").read_text(), abi)
        texts = {number: name for name, number in numbers.items()}
        wanted = read_headers(headers, abi, read_exported(source, abi))
        always = {numbers[name] for name in wanted[ANY_CALL]}
        all_got = set().union(*(got for (of, _), got in provoked.items() if of == abi))
        for call, names in sorted(wanted.items()):
            got = all_got if call == ANY_CALL else provoked.get((abi, call), set())
            for name in sorted(names):
                count += 1
                exception = {(each, call, name) for each in (abi, "both")} & exceptions
                if numbers[name] in got and exception:
                    complain(f"{abi}: {call}: {name} is provoked, errors.list says that "
                             "it cannot be")
                elif numbers[name] not in got and not exception:
                    complain(f"{abi}: {call}: {name} is named, and no test provokes it")
                used |= exception
            if call == ANY_CALL:
                continue
            for code in sorted(got - always - {numbers[name] for name in names}):
                complain(f"{abi}: {call}: {texts.get(code, hex(code))} is provoked, and "
                         "the header does not name it")
    for exception in sorted(exceptions - used):
        complain(f"errors.list: no header names it: {' '.join(exception)}")
    print(f"errors: {count} errors named, {len(exceptions)} never provoked, "
          f"{failures} faults")
    return 0 if failures == 0 and count > 300 else 1


sys.exit(main())
