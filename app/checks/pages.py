"""The files that the pages load: made, and made of the scripts as they stand."""

from __future__ import annotations

from app.checks.finding import Finding, ok, wrong
from app.web.page_files import REMEDY, problem_of_page_files


def check_pages() -> Finding:
    """Look at the files on this machine."""
    problem = problem_of_page_files()
    return wrong(f"pages: {problem}", REMEDY) if problem else ok("pages: the files that they load are there")
