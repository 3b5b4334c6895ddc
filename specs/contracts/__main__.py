"""``python -m specs.contracts``: runs every contract; ``--write`` pins the statuses, ``--check`` compares.

``--fast`` leaves out, and names, the families that use up their time. Exits with 1 where a contract is
refuted or a twin is not; with ``--check`` also where a status differs.
"""

import sys

from specs.contracts.prove import Answer, answered_all, contracts, differences, pinned, write, wrong

ARGUMENTS = {"--check", "--fast", "--write"}


def main() -> int:
    """Prints a line per contract, then what is wrong."""
    if unknown := set(sys.argv[1:]) - ARGUMENTS:
        print(f"unknown: {' '.join(sorted(unknown))}; there are {' '.join(sorted(ARGUMENTS))}")
        return 2
    if {"--fast", "--write"} <= set(sys.argv):
        print("--write pins every contract: not with --fast")
        return 2
    left_out = tuple(each for each in contracts() if each.is_slow and "--fast" in sys.argv)
    answers = []
    print(f"{'contract':66} {'status':14} twin refuted  seconds")
    for each in answered_all(each for each in contracts() if each not in left_out):
        answers.append(each)
        print(_row(each), flush=True)
    confirmed = sum(each.status == "confirmed" and each.twin_refuted for each in answers)
    print(f"{confirmed} of {len(answers)} confirmed, each with its twin refuted")
    for each in left_out:
        print(f"not run: {each.label}")
    if "--write" in sys.argv:
        write(answers)
    problems = wrong(answers)
    if "--check" in sys.argv:
        skipped = {each.label for each in left_out}
        known = {label: status for label, status in pinned().items() if label not in skipped}
        problems += differences(answers, known)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def _row(answer: Answer) -> str:
    twin = "yes" if answer.twin_refuted else "no"
    return f"{answer.contract.label:66} {answer.status:14} {twin:12} {answer.seconds:8.1f}"


if __name__ == "__main__":
    sys.exit(main())
