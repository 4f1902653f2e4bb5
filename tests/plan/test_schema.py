"""The schema and the guide for authors say every key there is, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from overlaykit.model.sessions import Rate
from overlaykit.plan import form, load_plan, plan_schema

SAMPLES = Path(__file__).parents[2] / "sample_sessions"
GUIDE = (SAMPLES / "README.md").read_text(encoding="utf-8")


def forms() -> Iterator[type[form.Form]]:
    waiting = [form.Form]
    while waiting:
        for found in waiting.pop().__subclasses__():
            waiting.append(found)
            if found.__module__ == form.__name__:
                yield found


FORMS = sorted(forms(), key=lambda found: found.__name__)


def keys(type_: type[form.Form]) -> list[str]:
    return [info.encode_name for info in msgspec.structs.fields(type_)]


def definition(type_: type[form.Form]) -> dict[str, dict[str, object]]:
    schema = plan_schema()
    found: dict[str, dict[str, object]] = (schema if type_ is form.PlanForm else schema["$defs"][type_.__name__])[
        "properties"
    ]
    return found


def test_the_schema_beside_the_samples_is_the_generated_one() -> None:
    written = (SAMPLES / "session.schema.json").read_text(encoding="utf-8")
    generated = json.dumps(plan_schema(), ensure_ascii=False, indent=2) + "\n"
    assert written == generated, "write json.dumps(plan_schema(), ensure_ascii=False, indent=2) to session.schema.json"


@pytest.mark.parametrize("type_", FORMS, ids=lambda type_: type_.__name__)
def test_schema_and_guide_have_each_key(type_: type[form.Form]) -> None:
    properties = definition(type_)
    assert list(properties) == keys(type_)
    assert all(said.get("description") for said in properties.values())
    table = re.search(rf"<!-- keys: {type_.__name__} -->\n(.*?)(\n\n|\Z)", GUIDE, re.DOTALL)
    assert table, f"the guide has no table for {type_.__name__}"
    rows = re.findall(r"^\| `([^`]+)` \|", table.group(1), re.MULTILINE)
    assert sorted(rows) == sorted(keys(type_))


def test_required_keys_are_called_required_in_the_guide() -> None:
    for type_ in FORMS:
        table = re.search(rf"<!-- keys: {type_.__name__} -->\n(.*?)(\n\n|\Z)", GUIDE, re.DOTALL)
        assert table
        if "default" not in table.group(1).split("\n")[0]:
            continue
        for info in msgspec.structs.fields(type_):
            row = re.search(rf"^\| `{re.escape(info.encode_name)}` \|.*$", table.group(1), re.MULTILINE)
            assert row
            if info.required:
                assert row.group().endswith("| required |"), row.group()


def test_the_short_forms_that_the_guide_shows_load(tmp_path: Path) -> None:
    shown = [
        written
        for written in re.findall(r"`([a-z]+ = [^`]+)`", GUIDE)
        if written.split(" ")[0] in ("limits", "thresholds")
    ]
    assert len(shown) >= 2
    text = "\n".join(shown) + '\nid = "a"\ntitle = "b"\n[[item]]\nsku = "c"\ntitle = "d"\nopening = 1\n'
    (tmp_path / "session.toml").write_text(text, encoding="utf-8")
    assert load_plan(tmp_path).session.attempt_rate == Rate(count=20, per=10.0)


def test_the_guides_links_lead_somewhere() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", GUIDE, re.MULTILINE)
    }
    for target in re.findall(r"\]\(#([^)]+)\)", GUIDE):
        assert target in headings


def test_the_quick_start_of_the_guide_is_a_plan(tmp_path: Path) -> None:
    block = re.search(r"   ```toml\n(.*?)   ```", GUIDE, re.DOTALL)
    assert block
    (tmp_path / "session.toml").write_text(block.group(1).replace("\n   ", "\n"), encoding="utf-8")
    assert load_plan(tmp_path).session.items[0].opening == {"default": 300}
