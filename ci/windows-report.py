#!/usr/bin/env python3
"""ci/windows-report.py LOG: what `cargo test` ran under Wine, and what it did not, by name.

A test that can't run on Windows has a line before its attributes, a file of such tests one
in its head:

    // Not on Windows: why.

Each test of each file has run, or is marked so; those that skip themselves have said so in
the log. Exit 1 where one failed, or is missing without a word.
"""

import re
import sys
from pathlib import Path

PACKAGES = ("stayput-sys", "stayput")
DOCUMENTATION = "examples in the documentation"
MARK = re.compile(r"//!? Not on Windows: (.*)\.$")


def head_mark(source):
    """Why none of a file's tests runs here, if none does."""
    lines = source.read_text().splitlines()
    marks = [MARK.match(line) for line in lines if line.startswith("//!")]
    return next((mark[1] for mark in marks if mark), None)


def tests_in(source, of_all):
    """(name, why it is not run here or None) for each test of a file."""
    of_all = of_all or head_mark(source)
    of_one, is_test = None, False
    for line in map(str.strip, source.read_text().splitlines()):
        if mark := MARK.match(line):
            of_one = mark[1]
        elif line == "#[test]":
            is_test = True
        elif is_test and line.startswith("fn "):
            yield re.match(r"fn (\w+)", line)[1], of_all or of_one
            of_one, is_test = None, False


def targets():
    """(source, tests) for each file of tests, the modules beside a main.rs with it."""
    for package in PACKAGES:
        tests = Path("crates", package, "tests")
        for target in sorted([*tests.glob("*.rs"), *tests.glob("*/main.rs")]):
            sources = sorted(target.parent.glob("*.rs")) if target.name == "main.rs" else [target]
            of_all = head_mark(target)
            yield target, [test for source in sources for test in tests_in(source, of_all)]


def results(log):
    """(target as cargo names it, passed, failed) for each that ran."""
    running = None
    for line in log.splitlines():
        if target := re.match(r" *Running (?:unittests )?(\S+) \(", line):
            running = target[1]
        elif re.match(r" *Doc-tests ", line):
            running = DOCUMENTATION
        elif result := re.match(r"test result: .* (\d+) passed; (\d+) failed", line):
            yield running, int(result[1]), int(result[2])


def main(log):
    print("Not built for Windows:")
    complaints, marked, ran = [], 0, list(results(log))
    for target, tests in targets():
        short = Path(*target.parts[1:])
        absent = [(name, why) for name, why in tests if why] or [("", head_mark(target))]
        for name, why in absent:
            if why:
                print(f"  SKIPPED {short} {name}: {why}")
                marked += 1
        done = [passed + failed for name, passed, failed in ran if short.match(name)]
        expected = sum(why is None for _, why in tests)
        if sum(done) != expected:
            complaints.append(f"{short}: {expected} tests for Windows, {sum(done)} ran")
    print("Skipped by themselves:")
    for line in sorted(set(re.findall(r"SKIPPED .*", log))):
        print(" ", line)
    documented = sum(name == DOCUMENTATION for name, _, _ in ran)
    if documented < len(PACKAGES):
        complaints.append(f"{DOCUMENTATION}: of {documented} packages only")
    complaints += [f"{name}: {failed} failed" for name, _, failed in ran if failed]
    passed = sum(passed for _, passed, _ in ran)
    print(f"{passed} tests passed under Wine, {marked} are not built for Windows")
    for complaint in complaints:
        print("NOT AS EXPECTED", complaint)
    return 1 if complaints or not passed else 0


sys.exit(main(Path(sys.argv[1]).read_text(errors="replace")))
