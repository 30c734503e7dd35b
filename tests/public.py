"""What is public: ``__all__`` of the package and of its modules."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parents[1] / "python" / "resonance_native"
MODULES = ("", "kernels", "stop", "analysis", "plot", "learn", "torch", "mpi")


def public_names(module: str) -> list[str]:
    """``__all__``, read from the source: most modules need a package that may not be there."""
    file = PACKAGE / module / "__init__.py" if (PACKAGE / module).is_dir() else PACKAGE / f"{module}.py"
    for statement in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "__all__":
            return list(ast.literal_eval(statement.value))
    raise AssertionError(f"{file} has no __all__")
