"""The directive ``header``: a header's public declarations with their ``//!`` comments, by libclang.

Signatures are those of the source, so that Sphinx's C++ and C domains show what a reader of the header sees. A comment
may stand before a declaration or behind it, and before functions or macros that follow each other it is of all of them.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clang.cindex import AccessSpecifier, Cursor, CursorKind, Index, TranslationUnit
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

INCLUDE = Path(__file__).parents[2] / "cpp" / "include"
SCOPES = {CursorKind.NAMESPACE, CursorKind.LINKAGE_SPEC, CursorKind.UNEXPOSED_DECL}
RECORDS = {CursorKind.STRUCT_DECL: "struct", CursorKind.CLASS_DECL: "class", CursorKind.CLASS_TEMPLATE: "class"}
FUNCTIONS = {
    CursorKind.FUNCTION_DECL, CursorKind.FUNCTION_TEMPLATE, CursorKind.CXX_METHOD, CursorKind.CONSTRUCTOR,
}  # fmt: skip
VALUES = {
    CursorKind.FIELD_DECL: "member", CursorKind.VAR_DECL: "member", CursorKind.ENUM_CONSTANT_DECL: "enumerator",
    CursorKind.TYPE_ALIAS_DECL: "type", CursorKind.TYPE_ALIAS_TEMPLATE_DECL: "type", CursorKind.TYPEDEF_DECL: "type",
}  # fmt: skip
MARK = "RESONANCE_NONBLOCKING"
MACROS = re.compile(r"^((?://!.*\n)+)((?:#define RESONANCE_\w+(?:\(\w+\))? \S.*\n)+)", re.MULTILINE)
TRAILING = re.compile(r";[ \t]*(//!<.*(?:\n[ \t]*//!<.*)*)")
SECTION = re.compile(r"^\s*// -{20,} (\w[\w ]*)$", re.MULTILINE)


@dataclass
class Entry:
    """What one directive shows."""

    offset: int  # in the source, as the next
    end: int
    kind: str  # the directive
    signatures: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    inside: list[Entry] = field(default_factory=list)

    def lines(self, domain: str) -> Iterator[str]:
        """Yield lines of reStructuredText."""
        name = self.kind if self.kind == "rubric" else f"{domain}:{self.kind}"
        head = f".. {name}:: "
        yield head + self.signatures[0]
        yield from (" " * len(head) + signature for signature in self.signatures[1:])
        yield ""
        yield from (f"   {line}".rstrip() for line in self.text)
        yield ""
        for entry in self.inside:
            yield from (f"   {line}".rstrip() for line in entry.lines(domain))


def restructured(comment: str) -> list[str]:
    """Text of a comment as reStructuredText: indented lines are formulas, and backticks its only marks."""
    result: list[str] = []
    formula = in_list = False
    for marked in comment.splitlines():
        line = re.sub(r"^\s*//!<? ?", "", marked).rstrip()
        in_list = line.startswith("- ") or (in_list and line.startswith("  "))
        field_continues = bool(result) and (result[-1].startswith((":param", ":returns", "    ")) and not formula)
        if line.startswith("    ") and not in_list and not field_continues:
            if not formula:
                result += ["", ".. code-block:: text", ""]
            formula = True
            result.append(line)
            continue
        if formula and line:
            result.append("")
            formula = False
        line = re.sub(r"[\\*|_]", r"\\\g<0>", line)
        line = re.sub(r"`([^`]*)`", lambda match: f"``{match[1].replace(chr(92), '')}``", line)
        line = re.sub(r"^@param (\w+)\s+", r":param \1: ", line)
        line = re.sub(r"^@return\s+", ":returns: ", line)
        result.append(re.sub(r"^ {6,}", "    ", line))
    return result


def head_of(source: str, start: int, ends: str) -> str:
    """Source from a declaration's beginning to the first of these characters that no bracket encloses."""
    depth, at = 0, start
    while depth or source[at] not in ends or source[at : at + 2] == "::" or source[at - 1 : at + 1] == "::":
        depth += {"(": 1, ")": -1}.get(source[at], 0)
        at += 1
    return source[start:at]


def signature(text: str) -> str:
    """One line, without comments and what only compilers want."""
    text = re.sub(r"//.*", "", text)
    text = re.sub(rf"\b(RESONANCE_API|{MARK}|typedef|inline)\b|\[\[\w+\]\]", "", text)
    return re.sub(r"\s+", " ", text).strip()


class HeaderReader:
    """Finds what is public in one header."""

    def __init__(self, path: Path) -> None:
        self.source = path.read_text(encoding="utf-8")
        if not self.source.isascii():
            raise ValueError(f"{path.name} is not ASCII: libclang's offsets are of bytes, those here of characters")
        self.file = str(path)
        c = path.suffix == ".h"
        language = ["-xc-header", "-std=c11"] if c else ["-xc++-header", "-std=c++17"]
        builtin = subprocess.run(["c++", "-print-file-name=include"], capture_output=True, text=True, check=True)
        arguments = [*language, f"-I{INCLUDE}", "-isystem", builtin.stdout.strip()]
        options = TranslationUnit.PARSE_SKIP_FUNCTION_BODIES
        unit = Index.create().parse(self.file, args=arguments, options=options)
        errors = [str(diagnostic) for diagnostic in unit.diagnostics if diagnostic.severity >= 3]
        if errors:
            raise ValueError(f"libclang can't read {path.name}: {errors[0]}")
        self.head = self.about()
        self.entries = self.with_sections([*self.macros(), *self.inside(unit.cursor)], 0, len(self.source))

    def about(self) -> list[str]:
        """Text at the top of the file."""
        match = re.match(r"(?://!.*\n)+", self.source)
        return restructured(match[0]) if match else []

    def macros(self) -> Iterator[Entry]:
        """Yield macros that have a comment."""
        for match in MACROS.finditer(self.source):
            names = re.findall(r"^#define (RESONANCE_\w+(?:\(\w+\))?)", match[2], re.MULTILINE)
            yield Entry(match.start(2), match.end(2), "macro", names, restructured(match[1]))

    def inside(self, parent: Cursor) -> Iterator[Entry]:
        """Yield public declarations of a scope."""
        before: Entry | None = None
        for cursor in parent.get_children():
            if cursor.location.file is None or cursor.location.file.name != self.file:
                continue
            if cursor.kind in SCOPES and cursor.spelling != "detail":
                yield from self.inside(cursor)
                continue
            entry = self.entry(cursor)
            if entry is None:
                continue
            if before is not None and entry.offset == before.offset:  # "double lowest, highest;"
                before.signatures += entry.signatures
                before.text = before.text or entry.text
                continue
            if before is not None and not entry.text and entry.kind == before.kind == "function":
                before.signatures += entry.signatures  # its comment is that of the function before
                continue
            if before is not None:
                yield before
            before = entry
        if before is not None:
            yield before

    def entry(self, cursor: Cursor) -> Entry | None:
        """Return what is shown of a declaration."""
        if cursor.access_specifier in (AccessSpecifier.PRIVATE, AccessSpecifier.PROTECTED):
            return None
        start, end = cursor.extent.start.offset, cursor.extent.end.offset
        text = restructured(cursor.raw_comment) if cursor.raw_comment else []
        if cursor.kind in RECORDS or cursor.kind == CursorKind.ENUM_DECL:
            if not cursor.is_definition() or self.source.startswith("extern template", start):
                return None
            declared = signature(head_of(self.source, start, "{"))
            if cursor.kind == CursorKind.ENUM_DECL:
                kind = "enum-class" if cursor.is_scoped_enum() else "enum"
            else:
                kind = RECORDS[cursor.kind]
            declared = re.sub(r"\b(struct|enum class|enum) ", "", declared)
            declared = re.sub(r"^(template ?<.*?> )?class ", r"\1", declared)
            members = self.with_sections(list(self.inside(cursor)), start, end)
            return Entry(start, end, kind, [declared], text, members)
        if cursor.kind in FUNCTIONS:
            if cursor.is_deleted_method() or cursor.spelling.startswith("operator delete"):
                return None
            if cursor.semantic_parent != cursor.lexical_parent:  # defined once more, outside of its class
                return None
            ends = ";{:" if cursor.kind in (CursorKind.CONSTRUCTOR, CursorKind.FUNCTION_TEMPLATE) else ";{"
            declared = head_of(self.source, start, ends)
            behind = TRAILING.match(self.source, start + len(declared))  # libclang knows these of values alone
            text = text or (restructured(behind[1]) if behind else [])
            entry = Entry(start, end, "function", [signature(declared)], text)
            if MARK in declared:
                entry.text += ["", f"*May stand in a control loop* (``{MARK}``)."] if text else []
            return entry
        if cursor.kind not in VALUES:
            return None
        if cursor.kind == CursorKind.TYPEDEF_DECL:
            record = cursor.underlying_typedef_type.get_declaration()
            if record.is_definition() and record.spelling == cursor.spelling:  # shown as the struct that it is
                return None
            if record.spelling == cursor.spelling:
                return Entry(start, end, "struct", [cursor.spelling], text)
        declared = signature(self.source[start:end])
        if cursor.kind == CursorKind.FIELD_DECL and "(" not in declared and ", " in declared:
            first, *_, own = declared.split(", ")  # of "double lowest, highest;"
            declared = f"{first.split(' = ')[0].rsplit(' ', 1)[0]} {own}"
        return Entry(start, end, VALUES[cursor.kind], [re.sub(r"^using ", "", declared)], text)

    def with_sections(self, entries: list[Entry], start: int, end: int) -> list[Entry]:
        """Put the header's section lines between these offsets among its declarations; not those within a class."""
        records = [(entry.offset, entry.end) for entry in entries if entry.inside]
        sections = [
            Entry(match.start(1), match.end(1), "rubric", [match[1].capitalize()])
            for match in SECTION.finditer(self.source, start, end)
            if not any(first < match.start(1) < last for first, last in records)
        ]
        last_entry = max((entry.offset for entry in entries), default=0)
        shown = [section for section in sections if section.offset < last_entry]
        return sorted([*entries, *shown], key=lambda entry: entry.offset)


class Header(SphinxDirective):
    """``.. header:: resonance/network.hpp``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Read the header and let Sphinx parse what stands in it."""
        path = INCLUDE / self.arguments[0]
        self.env.note_dependency(str(path))
        self.env.note_dependency(__file__)
        reader = HeaderReader(path)
        domain = "c" if path.suffix == ".h" else "cpp"
        lines = [*reader.head, ""]
        if domain == "cpp":
            lines += [".. cpp:namespace:: resonance", ""]
        for entry in reader.entries:
            lines += entry.lines(domain)
        holder = nodes.container()
        self.state.nested_parse(StringList(lines, source=str(path)), 0, holder)
        return holder.children


def setup(app: Sphinx) -> dict[str, Any]:
    """Register with Sphinx."""
    app.add_directive("header", Header)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
