"""Writes docs/conformance.md from the traits of the tests and the results of a run, or checks that the committed page says the same.

conformance.py write [DIR]   writes the page; without DIR it runs the tests of the modules first (the test projects must be built)
conformance.py check DIR     says every fault: a module or requirement without a test, a test that did not pass, a page that is out of date

tests/conformance.json lists the plans with their modules, what is not applicable and why, and what people can do. A test says what it proves by the traits
Plan and Module, Spec, Journey, and Attack.
"""
import json
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "conformance.md"
REQUIREMENTS = [*range(1, 19), *range(25, 51)]
TRX = "{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}"
BUILT = ROOT / ".artifacts" / "bin"


def test_projects():
    return [p.stem for p in sorted((ROOT / "tests").glob("*/*.csproj")) if "<IsTestProject>true" in p.read_text()]


def tests():
    """Every test case as (full name, short name, traits)."""
    for project in test_projects():
        listing = subprocess.run(["dotnet", BUILT / project / "debug" / f"{project}.dll", "-list", "full/json"], capture_output=True, check=True, text=True)
        for case in json.loads(next(line for line in listing.stdout.splitlines() if line.startswith("[{"))):
            yield case["DisplayName"], f"{case['Class'].split('.')[-1]}.{case['Method']}", case.get("Traits", {})


def run_modules():
    directory = tempfile.mkdtemp()
    command = ["dotnet", "test", ROOT / "tests" / "IdServer.Tests", "--no-build", "--filter", "Plan~oidcc", "--results-directory", directory, "--logger", "trx;LogFileName=modules.trx"]
    subprocess.run(command, stdout=subprocess.DEVNULL)
    return Path(directory)


def results(directory):
    words = {"Passed": "passed", "Failed": "failed", "NotExecuted": "skipped"}
    return {result.get("testName"): words.get(result.get("outcome"), "failed") for file in directory.glob("*.trx") for result in ET.parse(file).getroot().iter(f"{TRX}UnitTestResult")}


def natural(text):
    return [int(part) if part.isdigit() else part.lower() for part in re.split(r"(\d+)", text)]


class Proof:
    """What the tests prove, and what is wrong with it."""

    def __init__(self, directory):
        self.catalogue = json.loads((ROOT / "tests" / "conformance.json").read_text())
        self.faults = []
        self.modules = {}  # (plan, module): (test, result)
        self.sections = defaultdict(set)
        self.requirements = defaultdict(set)
        self.attacks = defaultdict(set)
        self.journeys = defaultdict(set)
        outcomes = results(directory)
        for name, short, traits in tests():
            for module in traits.get("Module", []):
                plan = traits.get("Plan", ["no plan"])[0]
                if module not in self.catalogue["plans"].get(plan, []):
                    self.faults.append(f"{short} proves {module}, which tests/conformance.json does not list for {plan}.")
                result = outcomes.get(name, "not run")
                if result != "passed":
                    self.faults.append(f"{short}, which proves {module}: {result}.")
                self.modules[plan, module] = (short, result)
            for spec in traits.get("Spec", []):
                document, section = re.fullmatch(r"(.*?) ((?:§|appendix |\d+$).*)", spec).groups()
                if document == "requirement":
                    self.requirements[int(section)].add(short.split(".")[0])
                else:
                    self.sections[document].add(section)
            for attack in traits.get("Attack", []):
                self.attacks[attack].add(short.split(".")[0])
            for item in traits.get("Journey", []):
                self.journeys[item].add(short.split(".")[0])
                if item not in self.catalogue["journeys"]:
                    self.faults.append(f"{short} is a journey of \"{item}\", which tests/conformance.json does not list.")
        self.page = self.write()

    def missing(self, what, has_test, reason, is_open):
        """Words instead of a test's name; a fault where nothing or two things are said."""
        if has_test + (reason is not None) + is_open != 1:
            self.faults.append(f"{what}: " + ("has no test." if not (has_test or is_open or reason) else "has a test and stands in tests/conformance.json as missing: remove it there."))
        return "not applicable" if reason is not None else "not yet"

    def write(self):
        lines = [
            "# Conformance",
            "",
            "Written by `python3 tests/conformance.py write` from the traits of the tests and the results of a run; `bash tests/run.sh` fails when it says anything else.",
            "The tests speak HTTP to the real server and follow the modules of the OpenID Foundation's suite 5.2.4 in our own words; a run of the suite itself is not in here.",
            "",
            "## Plans",
            "",
            "| plan | modules | passed | not applicable | not yet |",
            "|---|---:|---:|---:|---:|",
        ]
        details = []
        for plan, modules in self.catalogue["plans"].items():
            remark = self.catalogue["plan_notes"].get(plan)
            details += ["", f"### `{plan}`", *(["", remark] if remark else []), "", "| module | test | result |", "|---|---|---|"]
            reasons, still_open = self.catalogue["not_applicable"].get(plan, {}), self.catalogue["not_yet"].get(plan, [])
            counted = defaultdict(int)
            notes = []
            for module in modules:
                test, result = self.modules.get((plan, module), (None, None))
                instead = self.missing(f"{module} of {plan}", test is not None, reasons.get(module), module in still_open)
                counted[result or instead] += 1
                note = reasons.get(module) or self.catalogue["notes"].get(module)
                if note and note not in notes:
                    notes.append(note)
                mark = f" ({notes.index(note) + 1})" if note else ""
                details.append(f"| `{module}` | {f'`{test}`' if test else ''} | {result or instead}{mark} |")
            if notes:
                details += ["", *(f"({number}) {note}  " for number, note in enumerate(notes, 1))]
            lines.append(f"| [`{plan}`](#{plan}) | {len(modules)} | {counted['passed']} | {counted['not applicable']} | {counted['not yet']} |")
        lines += details
        lines += self.requirement_lines() + self.journey_lines() + self.section_lines() + self.attack_lines()
        return "\n".join(line.rstrip() if not line.endswith(".  ") else line for line in lines) + "\n"

    def requirement_lines(self):
        lines = ["", "## Requirements", "", "Numbers of the project's protocol requirements, and the test classes that cite them.", "", "| no. | tests |", "|---:|---|"]
        listed = self.catalogue["requirements"]
        for number in REQUIREMENTS:
            cited = sorted(self.requirements[number])
            reason = listed["not_applicable"].get(str(number))
            instead = self.missing(f"Requirement {number}", bool(cited), reason, number in listed["not_yet"])
            lines.append(f"| {number} | {', '.join(f'`{test}`' for test in cited)} |" if cited else f"| {number} | {instead}{f': {reason}' if reason else ''} |")
        return lines

    def journey_lines(self):
        lines = ["", "## Journeys", "", "What people do in a real Chromium, and the test classes that do it.", "", "| what | tests |", "|---|---|"]
        for item in self.catalogue["journeys"]:
            self.missing(f"The journey \"{item}\"", item in self.journeys, None, False)
            lines.append(f"| {item} | {', '.join(f'`{test}`' for test in sorted(self.journeys[item]))} |")
        return lines

    def section_lines(self):
        lines = ["", "## Specifications", "", "Sections that tests cite.", "", "| document | sections |", "|---|---|"]
        return lines + [f"| {document} | {', '.join(sorted(sections, key=natural))} |" for document, sections in sorted(self.sections.items(), key=lambda item: natural(item[0]))]

    def attack_lines(self):
        lines = ["", "## Attacks", "", "Each is refused with the exact error and leaves no row behind.", "", "| attack | tests |", "|---|---|"]
        return lines + [f"| {attack} | {', '.join(f'`{test}`' for test in sorted(shorts))} |" for attack, shorts in sorted(self.attacks.items())]


def check(directory):
    proof = Proof(directory)
    if not PAGE.exists() or PAGE.read_text() != proof.page:
        proof.faults.append("docs/conformance.md is out of date: python3 tests/conformance.py write")
    passed = sum(result == "passed" for _, result in proof.modules.values())
    print(f"{passed} modules passed, {len(proof.faults)} faults")
    print("\n".join(f"  {fault}" for fault in proof.faults), end="\n" if proof.faults else "")
    return 1 if proof.faults else 0


def write(directory):
    proof = Proof(directory)
    PAGE.write_text(proof.page)
    print("\n".join(proof.faults))
    return 1 if proof.faults else 0


if __name__ == "__main__":
    if sys.argv[1] == "check":
        sys.exit(check(Path(sys.argv[2])))
    sys.exit(write(Path(sys.argv[2]) if len(sys.argv) > 2 else run_modules()))
