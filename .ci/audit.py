"""Report known vulnerabilities of the packages in requirements.lock (C45).

Exits with 1 on a finding. Without the advisory service it prints a warning and exits with 0.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
PROBE = "django"  # looked up first: a service without this package has no data


def main() -> int:
    requirements = LOCK.read_text().replace("\\\n", "").splitlines()
    probe = [line for line in requirements if line.startswith(f"{PROBE}==")]
    if not _audited(probe):
        print("!! DEPENDENCIES NOT AUDITED: the advisory service cannot be reached from here.", file=sys.stderr)
        return 0
    answers = _audited(requirements)
    skipped = [answer["name"] for answer in answers if "skip_reason" in answer]
    if skipped:
        print(f"!! NOT AUDITED, unknown to the advisory service: {', '.join(skipped)}", file=sys.stderr)
    findings = [(answer["name"], finding) for answer in answers for finding in answer.get("vulns", [])]
    for name, finding in findings:
        print(f"{name}: {finding['id']}, fixed in {', '.join(finding['fix_versions']) or 'no version yet'}")
    return 1 if findings else 0


def _audited(requirements: list[str]) -> list[dict[str, Any]]:
    """Return the service's answers, or an empty list if it cannot be reached or knows none of these packages."""
    with tempfile.NamedTemporaryFile("w", suffix=".lock") as file:
        file.write("\n".join(requirements))
        file.flush()
        options = ["--require-hashes", "--disable-pip", "--format", "json", "--progress-spinner", "off"]
        done = subprocess.run(
            [sys.executable, "-m", "pip_audit", *options, "--requirement", file.name],
            capture_output=True,
            text=True,
            check=False,
        )
    try:
        answers: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except ValueError:
        return []
    return answers if any("vulns" in answer for answer in answers) else []


if __name__ == "__main__":
    sys.exit(main())
