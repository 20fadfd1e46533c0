"""What a measurement was made on."""

import os
import platform
from pathlib import Path


def described() -> dict:
    """CPU, memory and software, as far as the system tells."""
    cpu, flags = platform.processor(), ""
    if Path("/proc/cpuinfo").exists():
        lines = dict(
            line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if line
        )
        found = {key.strip(): value.strip() for key, value in lines.items()}
        cpu, flags = found.get("model name", cpu), found.get("flags", "")
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "vectors": next((f for f in ("avx512f", "avx2") if f in flags.split()), ""),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "system": platform.platform(),
        "python": platform.python_version(),
    }
