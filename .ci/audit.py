"""Known vulnerabilities in what requirements.lock installs (C45).

Fails on a finding. Without the advisory service it cannot tell: then it says so, loudly, and goes on.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parents[1] / "requirements.lock"
PROBE = "django"  # asked for first: whoever does not know this one knows nothing


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
    findings = [(answer["name"], found) for answer in answers for found in answer.get("vulns", [])]
    for name, found in findings:
        print(f"{name}: {found['id']}, fixed in {', '.join(found['fix_versions']) or 'no version yet'}")
    return 1 if findings else 0


def _audited(requirements: list[str]) -> list[dict[str, Any]]:
    """The service's answers; none at all when it did not answer, or knows none of these."""
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
