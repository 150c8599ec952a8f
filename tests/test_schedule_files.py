"""The folder of schedules: a mistake in it stops the start and names the file."""

from pathlib import Path

import pytest

from followup.rules.schedule import ScheduleMistake
from followup.schedule_files import load_schedules, read_schedule

SHIPPED = Path(__file__).parents[1] / "schedules"
SMALL = """
title = "{title}"
for_kinds = ["{kind}"]
[first_text]
en = "Reply STOP to end texts."
[[step]]
name = "rest"
days_after = 1
at = "10:00"
use_by = "8h"
[step.text]
en = "{{clinic}}: Hi {{first_name}}, rest well."
"""


def small(*, title: str = "Small", kind: str = "small") -> str:
    return SMALL.format(title=title, kind=kind)


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


def mistake(folder: Path) -> ScheduleMistake:
    with pytest.raises(ScheduleMistake) as caught:
        load_schedules(folder)
    return caught.value


def test_the_shipped_folder_has_a_schedule_after_a_ketamine_infusion() -> None:
    schedules = load_schedules(SHIPPED)
    loaded = schedules.named("ketamine_infusion")

    assert loaded is not None
    assert loaded is schedules.for_kind("ketamine-iv")
    assert loaded.source_text == (SHIPPED / "ketamine_infusion.toml").read_text(encoding="utf-8")


def test_a_schedule_is_found_by_its_file_and_by_what_it_is_for(tmp_path: Path) -> None:
    schedules = load_schedules(write(tmp_path, one=small(kind="a"), two=small(kind="b")))

    assert [each.name for each in schedules] == ["one", "two"]
    assert schedules.named("one") is schedules.for_kind("a")
    assert schedules.named("three") is None
    assert schedules.for_kind("c") is None


def test_a_session_without_a_kind_gets_the_only_schedule(tmp_path: Path) -> None:
    schedules = load_schedules(write(tmp_path, one=small()))

    assert schedules.fallback() is schedules.named("one")


def test_a_session_without_a_kind_gets_the_general_schedule_where_there_are_more(tmp_path: Path) -> None:
    schedules = load_schedules(write(tmp_path, one=small(kind="a"), general=small(kind="b")))

    assert schedules.fallback() is schedules.named("general")


def test_a_session_without_a_kind_gets_no_schedule_where_none_is_general(tmp_path: Path) -> None:
    assert load_schedules(write(tmp_path, one=small(kind="a"), two=small(kind="b"))).fallback() is None


def test_a_folder_without_schedules_is_refused(tmp_path: Path) -> None:
    assert "no *.toml file is here" in str(mistake(tmp_path))


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    assert "no *.toml file is here" in str(mistake(tmp_path / "nowhere"))


def test_two_schedules_for_one_kind_are_refused(tmp_path: Path) -> None:
    found = mistake(write(tmp_path, one=small(), two=small()))

    assert str(found) == "two.toml: for_kinds: one.toml is for 'small' too"


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    assert str(mistake(write(tmp_path, broken="title = "))).startswith("broken.toml: is no TOML: ")


def test_a_file_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'title = "ma\xf1ana"')

    assert str(mistake(tmp_path)).startswith("latin.toml: cannot be read: ")


def test_a_folder_that_is_named_like_a_schedule_is_named(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()

    assert str(mistake(tmp_path)).startswith("folder.toml: cannot be read: ")


def test_a_mistake_in_a_step_names_file_step_and_key(tmp_path: Path) -> None:
    found = mistake(write(tmp_path, one=small().replace('"8h"', '"8 hours"')))

    assert str(found) == "one.toml: step 'rest': use_by: must be a duration such as 90m, 4h or 3d"


def test_a_text_that_must_not_leave_is_refused(tmp_path: Path) -> None:
    found = mistake(write(tmp_path, one=small().replace("rest well", "your infusion")))

    assert str(found).startswith("one.toml: step 'rest': text.en: 'infusi' reveals")


def test_a_time_without_quotes_is_refused(tmp_path: Path) -> None:
    assert str(mistake(write(tmp_path, one=small().replace('"10:00"', "10:00")))).startswith("one.toml: is no TOML")


def test_comments_do_not_make_another_version() -> None:
    commented = f"# Asked for by Dr Lee.\n{small()}"

    assert read_schedule(commented, file="one.toml").version == read_schedule(small(), file="one.toml").version


def test_other_words_make_another_version() -> None:
    other = small().replace("rest well", "sleep well")

    assert read_schedule(other, file="one.toml").version != read_schedule(small(), file="one.toml").version
