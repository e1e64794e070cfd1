"""What a terminal shows of jobs: those there are, and the weeks of many offices."""

from typing import TYPE_CHECKING, Any

from rich.table import Table

from app.console import console_of_run

if TYPE_CHECKING:
    from app.terminal import Terminal


def print_jobs(rows: list[dict[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each job, with the reason of those that failed."""
    t = terminal.text
    table = Table(title=t("jobs-title"))
    for key in ("job", "job-kind", "plan", "job-state", "attempts", "created", "job-reason"):
        table.add_column(t(key), justify="right" if key in {"job", "plan", "attempts"} else "left")
    for row in rows:
        table.add_row(
            str(row["job_id"]), t(f"kind-{row['kind']}"), str(row["plan_id"] or ""),
            t(f"job-{row['state']}"), str(row["attempts"]), row["created_at"][:16],
            row["reason"] or "",
        )  # fmt: skip
    console_of_run().print(table if rows else t("no-jobs"))


def print_plan_all(rows: list[dict[str, Any]], terminal: "Terminal") -> None:
    """Show a line for each office: its plan, and how far that is, or why there is none."""
    t = terminal.text
    table = Table(title=t("plan-all-title"))
    for key in ("regency", "week", "plan", "job", "job-state", "job-reason"):
        table.add_column(t(key), justify="right" if key in {"job", "plan"} else "left")
    for row in rows:
        table.add_row(
            row["regency"], row["week"], str(row["plan_id"] or ""), str(row["job_id"] or ""),
            t(f"job-{row['state']}"), row["reason"] or "",
        )  # fmt: skip
    console_of_run().print(table)
