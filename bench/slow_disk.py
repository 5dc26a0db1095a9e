"""A disk that takes longer to say that something is safe: most do, and group commit is made for them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

EXTRA_MS = 5

_SHIM = f"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static void wait_for_disk(void) {{
    struct timespec extra = {{0, {EXTRA_MS} * 1000000L}};
    nanosleep(&extra, 0);
}}
int fsync(int file) {{
    wait_for_disk();
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file);
}}
int fdatasync(int file) {{
    wait_for_disk();
    return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(file);
}}
"""


def slow_disk_environment(folder: Path) -> dict[str, str] | None:
    """Return the variables under which a process waits EXTRA_MS longer at each fsync; None without a C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        return None
    library = folder / "slow-disk.so"
    command = [compiler, "-shared", "-fPIC", "-O2", "-x", "c", "-", "-o", str(library), "-ldl"]
    subprocess.run(command, input=_SHIM, text=True, check=True)
    already = os.environ.get("LD_PRELOAD")
    return {"LD_PRELOAD": f"{library}:{already}" if already else str(library)}
