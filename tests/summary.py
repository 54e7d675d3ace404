"""Reads what `dotnet test` left (NAME.trx, NAME.log, NAME.exit) and says how it went.

summary.py project DIR NAME   one line for the project, then its failures
summary.py total DIR [N]      the closing line; the exit code is 0 only when tests ran and none failed, nor any of N other checks
"""
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

TRX = "{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}"


def outcome(directory, name):
    """(passed, failed, skipped, failures, trouble): trouble says why the counts cannot be trusted, or is empty."""
    passed = skipped = 0
    failures = []
    exit_code = int((directory / f"{name}.exit").read_text())
    trouble = ""
    try:
        run = ET.parse(directory / f"{name}.trx").getroot()
        for result in run.iter(f"{TRX}UnitTestResult"):
            state = result.get("outcome")
            if state == "Passed":
                passed += 1
            elif state == "NotExecuted":
                skipped += 1
            else:
                failures.append(result)
        errors = [info.findtext(f"{TRX}Text", "") for info in run.iter(f"{TRX}RunInfo") if info.get("outcome") == "Error"]
        errors = [text for text in errors if not text.endswith("[FAIL]")]  # those are counted as results already
        finished = run.find(f"{TRX}ResultSummary").get("outcome") == "Completed"
        if errors or not (finished or failures):
            trouble = errors[0].strip().rstrip(".") if errors else "the test host did not finish"
    except (OSError, ET.ParseError):
        trouble = "no test results were written"
    if not trouble and passed + skipped + len(failures) == 0:
        trouble = "not one test was found"
    if not trouble and exit_code != 0 and not failures:
        trouble = f"dotnet test ended with exit code {exit_code}"
    # What is wrong with the run itself counts as one failure: it must never look like success.
    return passed, len(failures) + bool(trouble), skipped, failures, trouble


def counts(passed, failed, skipped):
    return f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else "")


def project(directory, name):
    passed, failed, skipped, failures, trouble = outcome(directory, name)
    print(counts(passed, failed, skipped))
    for result in failures:
        print(f"\n  FAILED {result.get('testName')}")
        for part in ("Message", "StackTrace"):
            text = result.findtext(f"{TRX}Output/{TRX}ErrorInfo/{TRX}{part}", "")
            print("\n".join(f"    {line}" for line in text.splitlines()[:40]))
    if trouble:
        print(f"\n  {name}: {trouble}. Its output:")
        lines = (directory / f"{name}.log").read_text(errors="replace").splitlines()
        print("\n".join(f"    {line}" for line in lines[-80:]))


def total(directory, other_failures):
    sums = [0, other_failures, 0]
    for file in sorted(directory.glob("*.exit")):
        for index, value in enumerate(outcome(directory, file.stem)[:3]):
            sums[index] += value
    print(counts(*sums))
    return 0 if sums[0] > 0 and sums[1] == 0 else 1


if __name__ == "__main__":
    if sys.argv[1] == "project":
        project(Path(sys.argv[2]), sys.argv[3])
    else:
        sys.exit(total(Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0))
