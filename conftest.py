"""Rules of the whole test run: a skipped test fails it, unless it lacked the real data."""

import pytest

EXCUSED = "the real data is absent"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or exitstatus != 0:
        return
    skipped = reporter.stats.get("skipped", [])
    unexcused = [report for report in skipped if EXCUSED not in str(report.longrepr)]
    if skipped:
        reporter.write_line(
            f"\nskipped: {len(skipped)}, of them excused: {len(skipped) - len(unexcused)}"
        )
    if unexcused:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
