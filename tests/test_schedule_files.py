"""The folder of schedules: a mistake in it stops the start and names the file."""

from pathlib import Path

import pytest

from followup.rules.schedule import ScheduleMistake
from followup.schedule_files import Schedules, load_schedules, read_schedule, read_texts

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


# While the service runs ----------------------------------------------------------------------------------


def names(schedules: Schedules) -> list[str]:
    return sorted(each.name for each in schedules)


def title(schedules: Schedules, name: str = "one", *, clinic: str = "riverside") -> str:
    loaded = schedules.of(clinic).named(name)
    assert loaded is not None
    return loaded.schedule.title


def faults(schedules: Schedules) -> list[str]:
    schedules.look_again()
    return [str(mistake) for mistake in schedules.mistakes]


def test_a_changed_file_counts_at_once(tmp_path: Path) -> None:
    schedules = load_schedules(write(tmp_path, one=small()))
    assert title(schedules) == "Small"

    write(tmp_path, one=small(title="Other words"))

    assert title(schedules) == "Other words"
    assert faults(schedules) == []


def test_a_file_that_did_not_change_is_not_read_again(tmp_path: Path) -> None:
    schedules = load_schedules(write(tmp_path, one=small()))

    assert schedules.of("riverside").named("one") is schedules.of("riverside").named("one")


def test_a_new_file_counts_at_once(tmp_path: Path) -> None:
    schedules = load_schedules(write(tmp_path, one=small(kind="a")))

    write(tmp_path, two=small(kind="b"))

    assert names(schedules.of("riverside")) == ["one", "two"]
    assert schedules.for_kind("b") is not None


def test_a_file_that_is_gone_counts_no_more(tmp_path: Path) -> None:
    schedules = load_schedules(write(tmp_path, one=small(kind="a"), two=small(kind="b")))

    (tmp_path / "two.toml").unlink()

    assert names(schedules.of("riverside")) == ["one"]
    assert schedules.for_kind("b") is None


def test_a_mistake_is_named_and_the_last_good_version_stays(tmp_path: Path) -> None:
    schedules = load_schedules(write(tmp_path, one=small(kind="a"), two=small(kind="b")))

    write(tmp_path, one=small(kind="a", title="New").replace('"8h"', '"8 hours"'), two=small(kind="b", title="Newer"))

    assert title(schedules) == "Small"
    assert title(schedules, "two") == "Newer"
    assert faults(schedules) == ["one.toml: step 'rest': use_by: must be a duration such as 90m, 4h or 3d"]


def test_a_mistake_that_is_mended_is_forgotten(tmp_path: Path) -> None:
    schedules = load_schedules(write(tmp_path, one=small()))
    write(tmp_path, one="title = ")
    assert len(faults(schedules)) == 1

    write(tmp_path, one=small(title="Mended"))

    assert (title(schedules), faults(schedules)) == ("Mended", [])


def test_a_new_file_with_a_mistake_is_named_and_not_taken(tmp_path: Path) -> None:
    schedules = load_schedules(write(tmp_path, one=small()))

    write(tmp_path, two="title = ")

    assert names(schedules.of("riverside")) == ["one"]
    assert faults(schedules)[0].startswith("two.toml: is no TOML")


def test_a_new_file_for_a_kind_that_has_one_is_named_and_changes_nothing(tmp_path: Path) -> None:
    schedules = load_schedules(write(tmp_path, one=small()))

    write(tmp_path, two=small(title="A rival"))

    assert names(schedules.of("riverside")) == ["one"]
    assert faults(schedules) == ["two.toml: for_kinds: one.toml is for 'small' too"]


def test_a_kind_may_move_from_one_file_to_another(tmp_path: Path) -> None:
    schedules = load_schedules(write(tmp_path, one=small(kind="a"), two=small(kind="b")))

    write(tmp_path, one=small(kind="c-new"), two=small(kind="a", title="Took it over"))

    found = schedules.of("riverside").for_kind("a")
    assert found is not None
    assert found.name == "two"


@pytest.mark.parametrize("gone", ["the files", "the folder"])
def test_a_folder_that_vanishes_leaves_everything_as_it_was(tmp_path: Path, gone: str) -> None:
    """A share that is not mounted for a moment."""
    folder = tmp_path / "schedules"
    (folder / "riverside").mkdir(parents=True)
    write(folder, one=small())
    write(folder / "riverside", one=small(title="Their own"))
    schedules = load_schedules(folder)
    away = tmp_path / "away"
    folder.rename(away)
    if gone == "the files":
        folder.mkdir()

    assert (title(schedules), title(schedules, clinic="hillside")) == ("Their own", "Small")
    assert "no *.toml file is here" in faults(schedules)[0]


def test_a_broken_list_of_words_is_named_once_and_changes_nothing(tmp_path: Path) -> None:
    schedules = load_schedules(write(tmp_path, one=small(kind="a"), two=small(kind="b")))

    write(tmp_path, revealing_words='words = "picnic"')

    assert names(schedules.of("riverside")) == ["one", "two"]
    assert faults(schedules) == ["revealing_words.toml: words: is a list of words of three letters up"]


# One clinic's own ----------------------------------------------------------------------------------------


def with_clinic(tmp_path: Path, **files: str) -> Path:
    """A general file `one`, and these of Riverside."""
    write(tmp_path, one=small())
    (tmp_path / "riverside").mkdir()
    write(tmp_path / "riverside", **files)
    return tmp_path


def test_a_clinics_own_file_counts_for_that_clinic_only(tmp_path: Path) -> None:
    schedules = load_schedules(with_clinic(tmp_path, one=small(title="Their own")))

    assert (title(schedules), title(schedules, clinic="hillside")) == ("Their own", "Small")
    found = schedules.of("riverside").for_kind("small")
    assert found is schedules.of("riverside").named("one")


def test_a_clinic_may_have_a_schedule_that_nobody_else_has(tmp_path: Path) -> None:
    schedules = load_schedules(with_clinic(tmp_path, own=small(kind="only here")))

    assert names(schedules.of("riverside")) == ["one", "own"]
    assert schedules.of("hillside").for_kind("only here") is None


def test_a_clinic_without_a_folder_has_what_all_have(tmp_path: Path) -> None:
    schedules = load_schedules(with_clinic(tmp_path, one=small(title="Their own")))

    assert names(schedules.of("nobody-knows-it")) == ["one"]


def test_a_clinics_folder_that_comes_later_counts_at_once(tmp_path: Path) -> None:
    schedules = load_schedules(write(tmp_path, one=small()))

    (tmp_path / "riverside").mkdir()
    write(tmp_path / "riverside", one=small(title="Their own"))

    assert title(schedules) == "Their own"


def test_a_clinics_file_that_is_gone_gives_way_to_that_of_all(tmp_path: Path) -> None:
    schedules = load_schedules(with_clinic(tmp_path, one=small(title="Their own")))

    (tmp_path / "riverside" / "one.toml").unlink()

    assert title(schedules) == "Small"


def test_a_clinic_with_nothing_of_its_own_follows_what_changes_for_all(tmp_path: Path) -> None:
    schedules = load_schedules(with_clinic(tmp_path))

    for changed in ("Newer", "Newest of all"):
        write(tmp_path, one=small(title=changed))
        assert title(schedules) == changed


def test_a_clinic_keeps_its_own_file_when_that_of_all_changes(tmp_path: Path) -> None:
    schedules = load_schedules(with_clinic(tmp_path, one=small(title="Their own")))

    write(tmp_path, one=small(title="Newer for all"), two=small(kind="b"))

    assert title(schedules) == "Their own"
    assert names(schedules.of("riverside")) == ["one", "two"]


def test_a_mistake_in_a_clinics_file_stops_the_start_and_says_whose_it_is(tmp_path: Path) -> None:
    found = mistake(with_clinic(tmp_path, one=small().replace("rest well", "your infusion")))

    assert str(found).startswith("riverside/one.toml: step 'rest': text.en: 'infusi' reveals")


def test_a_mistake_in_a_clinics_file_while_the_service_runs_touches_nobody(tmp_path: Path) -> None:
    schedules = load_schedules(with_clinic(tmp_path, one=small(title="Their own")))

    write(tmp_path / "riverside", one="title = ")

    assert (title(schedules), title(schedules, clinic="hillside")) == ("Their own", "Small")
    assert faults(schedules)[0].startswith("riverside/one.toml: is no TOML")


def test_a_first_file_of_a_clinic_with_a_mistake_leaves_it_that_of_all_also_after_a_change(tmp_path: Path) -> None:
    schedules = load_schedules(with_clinic(tmp_path))
    write(tmp_path / "riverside", one="title = ")
    assert title(schedules) == "Small"

    write(tmp_path, one=small(title="Newer for all"))

    assert title(schedules) == "Newer for all"


def test_a_clinics_second_file_for_a_kind_stops_the_start(tmp_path: Path) -> None:
    assert str(mistake(with_clinic(tmp_path, own=small()))) == (
        "riverside/own.toml: for_kinds: one.toml is for 'small' too"
    )


def test_a_clinics_second_file_for_a_kind_is_named_while_the_service_runs(tmp_path: Path) -> None:
    schedules = load_schedules(with_clinic(tmp_path, one=small(title="Their own")))

    write(tmp_path / "riverside", own=small())

    assert faults(schedules) == ["riverside/own.toml: for_kinds: one.toml is for 'small' too"]
    assert (title(schedules), title(schedules, clinic="hillside")) == ("Their own", "Small")


def test_a_clinic_hears_of_its_own_mistakes_and_of_those_of_all(tmp_path: Path) -> None:
    schedules = load_schedules(with_clinic(tmp_path))
    (tmp_path / "hillside").mkdir()
    write(tmp_path, two="title = ")
    write(tmp_path / "hillside", three="title = ")
    schedules.look_again()

    assert [each.file for each in schedules.mistakes_for("riverside")] == ["two.toml"]
    assert [each.file for each in schedules.mistakes_for("hillside")] == ["two.toml", "hillside/three.toml"]


def test_the_rehearsals_beside_the_schedules_are_no_clinics(tmp_path: Path) -> None:
    write(tmp_path, one=small())
    (tmp_path / "rehearsals").mkdir()
    write(tmp_path / "rehearsals", one="this is another kind of file")

    assert names(load_schedules(tmp_path)) == ["one"]


# Words that reveal ---------------------------------------------------------------------------------------


def test_a_folder_may_add_words_that_no_text_says(tmp_path: Path) -> None:
    found = mistake(write(tmp_path, one=small().replace("rest well", "enjoy Riverside"), revealing_words=PICNIC))

    assert str(found).startswith("one.toml: step 'rest': text.en: 'Riverside' reveals")


PICNIC = 'words = ["picnic", "riverside"]'


def test_the_words_that_ship_hold_in_every_folder(tmp_path: Path) -> None:
    found = mistake(write(tmp_path, one=small().replace("rest well", "KETAMINE"), revealing_words=PICNIC))

    assert "'KETAMIN' reveals" in str(found)


@pytest.mark.parametrize("place", [".", "riverside"], ids=["of all", "of the clinic"])
def test_the_words_of_a_folder_hold_in_a_clinics_files_too(tmp_path: Path, place: str) -> None:
    with_clinic(tmp_path, one=small().replace("rest well", "enjoy the picnic"))
    write(tmp_path / place, revealing_words='words = ["picnic"]')

    assert str(mistake(tmp_path)).startswith("riverside/one.toml: step 'rest': text.en: 'picnic' reveals")


def test_a_clinics_words_are_not_another_clinics(tmp_path: Path) -> None:
    with_clinic(tmp_path, revealing_words='words = ["picnic"]')
    write(tmp_path, one=small().replace("rest well", "enjoy the picnic"))

    assert names(load_schedules(tmp_path)) == ["one"]


def test_a_word_added_while_the_service_runs_names_the_text_and_sends_it_all_the_same(tmp_path: Path) -> None:
    """It was approved as it is: somebody has to decide what it says instead."""
    schedules = load_schedules(write(tmp_path, one=small()))

    write(tmp_path, revealing_words='words = ["rest"]')

    assert title(schedules) == "Small"
    assert "'rest' reveals" in faults(schedules)[0]


@pytest.mark.parametrize("word", ["psicólogo", "adicción", "PSICÓLOGO", "inyección", "psico\u0301logo"])
def test_an_accent_hides_no_word(tmp_path: Path, word: str) -> None:
    found = mistake(write(tmp_path, one=small().replace("rest well", f"su {word}")))

    assert "reveals the treatment" in str(found)


@pytest.mark.parametrize("words", ['words = ["ab"]', "words = [7]", 'words = "x"', "words = {}", "word"])
def test_a_list_of_words_that_is_none_stops_the_start(tmp_path: Path, words: str) -> None:
    found = mistake(write(tmp_path, one=small(), revealing_words=words))

    assert str(found).startswith("revealing_words.toml: ")


# Standard texts ------------------------------------------------------------------------------------------


def standard(thanks: str) -> str:
    """What ships, with other words of thanks."""
    shipped = (SHIPPED / "standard_texts.toml").read_text(encoding="utf-8")
    before, _, after = shipped.partition("[thanks]\n")
    return f'{before}[thanks]\nen = "{thanks}"\n\n' + after[after.index("# To a mild") :]


def thanks(schedules: Schedules, clinic: str) -> str:
    return schedules.texts(clinic).thanks.en


def test_a_folder_without_standard_texts_has_those_that_ship(tmp_path: Path) -> None:
    schedules = load_schedules(write(tmp_path, one=small()))

    assert schedules.texts("riverside") == read_texts(SHIPPED)


def test_a_folder_and_a_clinic_may_have_standard_texts_of_their_own(tmp_path: Path) -> None:
    with_clinic(tmp_path, standard_texts=standard("Riverside thanks you."))
    schedules = load_schedules(write(tmp_path, standard_texts=standard("Thanks.")))

    assert (thanks(schedules, "riverside"), thanks(schedules, "hillside")) == ("Riverside thanks you.", "Thanks.")


def test_standard_texts_are_no_schedule(tmp_path: Path) -> None:
    with_clinic(tmp_path, standard_texts=standard("Riverside thanks you."))

    assert names(load_schedules(write(tmp_path, standard_texts=standard("Thanks.")))) == ["one"]


def test_what_counts_for_a_clinic_knows_its_standard_texts_too(tmp_path: Path) -> None:
    with_clinic(tmp_path, one=small(title="Their own"), standard_texts=standard("Riverside thanks you."))
    schedules = load_schedules(tmp_path)

    assert thanks(schedules.of("riverside"), "riverside") == "Riverside thanks you."


@pytest.mark.parametrize("place", [".", "riverside"])
def test_a_mistake_in_standard_texts_stops_the_start(tmp_path: Path, place: str) -> None:
    with_clinic(tmp_path)
    write(tmp_path / place, standard_texts=standard("We will call you."))

    whose = "riverside/standard_texts.toml" if place == "riverside" else "standard_texts.toml"
    assert str(mistake(tmp_path)).startswith(f"{whose}: thanks.en: ' will call' promises")


@pytest.mark.parametrize("place", [".", "riverside"])
def test_a_mistake_in_standard_texts_while_the_service_runs_is_named_and_changes_nothing(
    tmp_path: Path, place: str
) -> None:
    with_clinic(tmp_path)
    write(tmp_path / place, standard_texts=standard("Thanks."))
    schedules = load_schedules(tmp_path)

    write(tmp_path / place, standard_texts=standard("We will call you."))

    assert thanks(schedules, "riverside") == "Thanks."
    assert [each.split(":")[1:2] for each in faults(schedules)] == [[" thanks.en"]]


def test_changed_standard_texts_count_at_once(tmp_path: Path) -> None:
    schedules = load_schedules(write(tmp_path, one=small(), standard_texts=standard("Thanks.")))

    write(tmp_path, standard_texts=standard("Thank you so much."))
    assert thanks(schedules, "riverside") == "Thank you so much."
    (tmp_path / "standard_texts.toml").unlink()

    assert schedules.texts("riverside") == read_texts(SHIPPED)


@pytest.mark.parametrize("slug", ["../riverside", "..", "/etc", ""])
def test_a_slug_is_no_way_out_of_the_folder(tmp_path: Path, slug: str) -> None:
    folder = tmp_path / "schedules"
    folder.mkdir()
    (tmp_path / "riverside").mkdir()
    write(tmp_path / "riverside", standard_texts=standard("From outside."))
    write(tmp_path, standard_texts=standard("From outside."))
    schedules = load_schedules(write(folder, one=small()))

    assert schedules.texts(slug) == read_texts(SHIPPED)
