"""Installs a script's requirements from the wheels packed beside them: containers have no network."""

import pathlib
import subprocess
import sys


class InstallRequirementsError(Exception):
    """Pip refused; the message is the last line it said."""


def install(code: pathlib.Path, site: pathlib.Path) -> None:
    """Installs `code/requirements.txt` from `code/wheels/` into `site`; does nothing without requirements."""
    listed = code / "requirements.txt"
    if not listed.exists():
        return
    wheels = ["--no-index", "--find-links", str(code / "wheels"), "--target", str(site)]
    command = [sys.executable, "-m", "pip", "install", "--quiet", *wheels, "-r", str(listed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise InstallRequirementsError((done.stderr.strip().splitlines() or ["pip said nothing"])[-1])
