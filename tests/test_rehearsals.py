"""Rehearsals: those that ship hold, what does not hold is said in words, and a mistake in a script is named."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from followup.app import run
from followup.rehearsal.expectations import unmet
from followup.rehearsal.play import JOBS
from followup.rehearsal.play import play as play_script
from followup.rehearsal.rehearse import Rehearsed, rehearse, rehearse_file
from followup.rehearsal.report import tell
from followup.rehearsal.script import ScriptMistake, read_script
from followup.schedule_files import load_schedules
from followup.store.database import Database

ROOT = Path(__file__).parents[1]
SHIPPED = sorted((ROOT / "schedules" / "rehearsals").glob("*.toml"))
SCHEDULES = load_schedules(ROOT / "schedules")
STORY = load_schedules(ROOT / "tests" / "schedules")
HEAD = """
title = "A story"
schedule = "ketamine_infusion"
zone = "America/New_York"
starts = "2026-03-02 09:00"
[patient]
given_name = "Maria"
"""
SESSION = """
[[then]]
at = "2026-03-02 11:00"
session = { number = 1 }
"""
MOOD = """
[[expect]]
step = "next-day mood"
at = "2026-03-03 10:00"
"""
Play = Callable[[str], Rehearsed]


@pytest.fixture
def play(sqlite: Database) -> Play:
    """A script's entries, with HEAD before them, against a schedule that never changes."""
    return lambda text: rehearse(HEAD + text, file="story.toml", schedules=STORY, database=sqlite)


# Those that ship -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file", SHIPPED, ids=[file.stem for file in SHIPPED])
def test_every_rehearsal_that_ships_holds(file: Path, sqlite: Database) -> None:
    rehearsed = rehearse(file.read_text(), file=file.name, schedules=SCHEDULES, database=sqlite)

    assert rehearsed.unmet == [], "\n".join(rehearsed.lines)


def test_every_schedule_that_ships_has_a_rehearsal() -> None:
    rehearsed = {read_script(file.read_text(), file=file.name).schedule for file in SHIPPED}

    assert {schedule.name for schedule in SCHEDULES} <= rehearsed


def test_the_rehearsal_of_the_readme_holds(sqlite: Database) -> None:
    [text] = re.findall(r"^## Rehearsals\n.*?^```toml\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)

    rehearsed = rehearse(text, file="README.md", schedules=SCHEDULES, database=sqlite)

    assert rehearsed.lines[-1] == "All 2 expectations hold."


def test_all_that_runs_by_itself_runs_in_a_rehearsal() -> None:
    """But for the spool, whose database is never away here, and for the ladder, on which a rehearsal has nobody."""
    table = re.findall(r'\bJob\(\s*"([a-z ]+)"', (ROOT / "followup" / "jobs.py").read_text())

    assert set(table) - {"drain", "page", "ring", "watch"} == JOBS


# What is told ----------------------------------------------------------------------------------------------


def test_the_story_is_told_on_the_patients_clock(play: Play) -> None:
    rehearsed = play(SESSION + '[[then]]\nday = 1\nclock = "10:05"\nreply = "7"\n' + MOOD)

    told = "\n".join(rehearsed.lines)
    assert "Maria, America/New_York" in told
    assert "  Tue 2026-03-03\n    10:00 -> next-day mood\n             Riverside Clinic: Hi Maria, how is" in told
    assert "    10:05 <- 7 [score 7, routine]" in told
    assert "    appointment reminder: no appointment is booked" in told
    assert "  Tue 2026-03-03 10:05 case 1, routine: Maria: Score 7" in told
    assert told.endswith("The expectation holds.")


def test_each_patient_has_a_clock_of_their_own(sqlite: Database) -> None:
    two = HEAD.replace("[patient]", "[[patient]]") + '[[patient]]\ngiven_name = "Tom"\nzone = "America/Los_Angeles"\n'
    sessions = "".join(
        f'[[then]]\nwho = "{name}"\nat = "2026-03-02 {at}"\nsession = {{}}\n'
        for name, at in {"Maria": "11:00", "Tom": "08:30"}.items()
    )
    moods = "".join(f'[[expect]]\nwho = "{name}"\n{MOOD.split("]]")[1]}' for name in ("Maria", "Tom"))

    rehearsed = rehearse(two + sessions + moods, file="two.toml", schedules=STORY, database=sqlite)

    assert rehearsed.holds, rehearsed.unmet
    assert "Tom, America/Los_Angeles" in "\n".join(rehearsed.lines)


def test_whoever_travels_is_texted_by_the_new_clock(play: Play) -> None:
    rehearsed = play(
        SESSION
        + '[[then]]\nat = "2026-03-02 20:00"\npatient = { zone = "Pacific/Honolulu" }\n'
        + MOOD
        + '[[expect]]\nstep = "maintenance due"\nat = "2026-03-23 10:00"\n'
    )

    assert rehearsed.holds, rehearsed.unmet
    assert "Maria, America/New_York, then Pacific/Honolulu" in "\n".join(rehearsed.lines)


def test_staff_close_a_case_some_hours_after_it_last_changed(play: Play) -> None:
    silent = "".join(f'[[then]]\nat = "2026-03-02 {at}"\nreply = "hm"\n' for at in ("12:00", "14:00", "19:00"))

    told = [line for line in play(SESSION + silent + MOOD).lines if " case " in line]

    assert [line.split(", ")[0].strip() for line in told] == [
        "Mon 2026-03-02 12:00 case 1",
        "Mon 2026-03-02 19:00 case 2",
    ]


def test_staff_answer_and_close_a_case(play: Play) -> None:
    rehearsed = play(
        SESSION
        + '[[then]]\nat = "2026-03-02 15:10"\nreply = "what now?"\n'
        + '[[then]]\nafter = "5m"\nstaff_text = "Please call us."\n'
        + '[[then]]\nafter = "5m"\ncase_closed = "called"\n'
        + '[[then]]\nafter = "5m"\nreply = "thank you"\n'
        + MOOD
    )

    told = "\n".join(rehearsed.lines)
    assert "    15:15 -> staff reply\n             Please call us.\n" in told
    assert "    15:20    staff close case 1: called" in told
    assert "15:25 case 2, " in told


def test_while_nothing_of_ours_runs_texts_wait_at_the_carrier(play: Play) -> None:
    rehearsed = play(
        SESSION
        + '[[then]]\nat = "2026-03-03 09:00"\noutage = "process"\nlasts = "3h"\n'
        + '[[then]]\nat = "2026-03-03 10:30"\nreply = "STOP"\n'
        + '[[expect]]\ncase = "concern"\nat = "2026-03-03 12:00"\nreason_has = "stop"\n'
        + '[[expect]]\nstep = "next-day mood"\nstatus = "left out"\nreason_has = "STOP"\n'
        + "[[expect]]\ntexts = 1\n"
    )

    assert rehearsed.holds, rehearsed.unmet


def test_the_record_system_tells_after_an_outage_what_happened_in_it(play: Play) -> None:
    rehearsed = play(
        '[[then]]\nat = "2026-03-02 10:00"\noutage = "both"\nlasts = "2h"\n'
        + SESSION
        + '[[expect]]\nstep = "same-day check-in"\nat = "2026-03-02 15:00"\n'
    )

    assert rehearsed.holds, rehearsed.unmet


def test_hours_in_which_nothing_falls_due_change_nothing(play: Play) -> None:
    """A gap in which nobody was alive is doubted: the clock jumps, and nobody is taken for dead."""
    rehearsed = play(SESSION + '[[expect]]\nstep = "maintenance due"\nat = "2026-03-23 10:00"\n')

    assert rehearsed.holds, rehearsed.unmet


def test_errors_that_were_logged_are_named(play: Play) -> None:
    rehearsed = play(SESSION + '[[then]]\nat = "2026-03-02 14:55"\noutage = "carrier"\nlasts = "20m"\n' + MOOD)

    assert rehearsed.holds
    assert "\nErrors in the log: sender_does_not_work (1)" in rehearsed.lines


# What does not hold ----------------------------------------------------------------------------------------

OTHERWISE = [
    (
        'step = "next-day mood"\nat = "2026-03-03 11:00"',
        "Maria's next-day mood, delivered on Tue 2026-03-03 11:00: it left on Tue 2026-03-03 10:00",
    ),
    (
        'step = "next-day mood"\nstatus = "left out"',
        "Maria's next-day mood, left out: it is delivered, not left out",
    ),
    (
        'step = "next-day mood"\ntimes = 2',
        "Maria's next-day mood, delivered: 1 times, not 2",
    ),
    (
        'step = "next-day mood"\ntext_has = "Tom"',
        "Maria's next-day mood, delivered: it has no 'Tom': Riverside Clinic: Hi Maria, how is your mood today?",
    ),
    (
        'step = "next-day mood"\ntext_lacks = "Maria"',
        "Maria's next-day mood, delivered: it has 'Maria': Riverside Clinic: Hi Maria",
    ),
    (
        'step = "next-day mood"\nanswer = 8',
        "Maria's next-day mood, delivered: its answer is not 8: 7",
    ),
    (
        'step = "same-day check-in"\nanswer = "yes"',
        "Maria's same-day check-in, delivered: its answer is not yes: there is none",
    ),
    (
        'step = "next-day mood"\nmoved_has = "quiet"',
        "Maria's next-day mood, delivered: why it moved has no 'quiet': it did not move",
    ),
    (
        'step = "next-day mood"\nreason_has = "STOP"\nstatus = "suppressed"',
        "Maria's next-day mood, suppressed: it is delivered, not suppressed; its reason has no 'STOP': none",
    ),
    (
        'step = "appointment reminder"\nsession = 1\nday = 1\nclock = "10:00"',
        "Maria's appointment reminder after session 1, delivered on Tue 2026-03-03 10:00: it was not planned "
        "(no appointment is booked)",
    ),
    (
        'step = "appointment reminder"\nstatus = "left out"\nreason_has = "STOP"',
        "Maria's appointment reminder, left out: it was not planned (no appointment is booked)",
    ),
    (
        'texts = 1\nuntil = "2026-03-03 10:01"',
        "Maria got 2 automatic texts, not 1: same-day check-in Mon 2026-03-02 15:00, "
        "next-day mood Tue 2026-03-03 10:00",
    ),
    (
        'no_text_between = ["14:00", "15:30"]',
        "Maria's same-day check-in left between 14:00 and 15:30, on Mon 2026-03-02 15:00",
    ),
    (
        'case = "concern"\nreason_has = "No answer"',
        "staff saw no concern case about 'No answer'; they saw: Tue 2026-03-03 10:05 routine, Maria: Score 7; "
        "Wed 2026-03-04 09:00 concern, Maria: Asks to stop texts",
    ),
    (
        'case = "none"',
        "staff saw a case: Wed 2026-03-04 09:00 concern, Maria: Asks to stop texts",
    ),
    (
        'case = "urgent"\nat = "2026-03-04 09:00"',
        "staff saw no urgent case on Wed 2026-03-04 09:00; they saw:",
    ),
]


def test_what_does_not_hold_is_said_in_words_with_its_line(play: Play) -> None:
    replies = '[[then]]\nday = 1\nclock = "10:05"\nreply = "7"\n[[then]]\nday = 2\nclock = "09:00"\nreply = "STOP"\n'
    text = SESSION + replies + MOOD + "".join(f"[[expect]]\n{expected}\n" for expected, _ in OTHERWISE)
    headers = [n for n, line in enumerate((HEAD + text).splitlines(), start=1) if line == "[[expect]]"]

    rehearsed = play(text)

    for failed, line, (_, words) in zip(rehearsed.unmet, headers[1:], OTHERWISE, strict=True):
        assert failed.words.startswith(words)
        assert failed.line == line
        assert f"  line {line}: {failed.words}" in rehearsed.lines
    assert f"{len(OTHERWISE)} things are otherwise than expected:" in rehearsed.lines


def test_a_text_that_comes_twice_or_at_night_is_never_as_expected(sqlite: Database) -> None:
    script = read_script(HEAD + SESSION + MOOD, file="story.toml")
    played = play_script(script, schedules=STORY, database=sqlite)
    first, second, *others = played.texts
    at_night = replace(second, left_at=datetime(2026, 3, 4, 3, 0, tzinfo=UTC))

    found = unmet(replace(played, texts=[replace(first, copies=2), second, at_night, *others]))

    assert [(each.line, each.words) for each in found] == [
        (None, "Maria's same-day check-in lies on the handset 2 times"),
        (None, "Maria's next-day mood left at night, on Tue 2026-03-03 22:00"),
    ]
    assert "  always: Maria's same-day check-in lies on the handset 2 times" in list(tell(played, found))


# A mistake in a script -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('zone = "America/New_York"', 'zone = "Mars/Base"', "story.toml: zone: must be a zone"),
        ('starts = "2026-03-02 09:00"', 'starts = "Monday"', "story.toml: starts: must be a time on the wall clock"),
        ('starts = "2026-03-02 09:00"', 'starts = "2026-02-30 09:00"', "story.toml: starts: day"),
        ('starts = "2026-03-02 09:00"', 'starts = "0001-01-01 09:00"', "story.toml: starts: must be a time on the"),
        (
            'title = "A story"',
            'title = "A story"\nlasts = "200w"',
            "story.toml: lasts: a rehearsal goes on for 800 days",
        ),
        ('title = "A story"', 'title = "A story"\nlasts = "1h"', "story.toml, line 9: then 1: at: lies beyond the end"),
        ('title = "A story"', 'title = "A story"\nlasts = "1d"', "line 13: expect 1: at: lies beyond the end"),
        ('title = "A story"', "title = ", "story.toml: is no TOML"),
        ('title = "A story"', 'titel = "A story"', "story.toml: title: Field required"),
        (
            'schedule = "ketamine_infusion"',
            'schedule = "night"',
            "story.toml: schedule: no schedule 'night'; there are",
        ),
        ('given_name = "Maria"', 'name = "Maria"', "story.toml, line 5: patient 1: name: is not known"),
        ("number = 1", "nmber = 1", "story.toml, line 8: then 1: session.nmber: is not known"),
        ("session =", "seance =", "story.toml, line 8: then 1: seance: is not known"),
        ("session = { number = 1 }", "", "story.toml, line 8: then 1: says nothing; exactly one of session"),
        (
            "session = { number = 1 }",
            'session = {}\nreply = "7"',
            "story.toml, line 8: then 1: says session and reply; exactly one of",
        ),
        (
            'at = "2026-03-02 11:00"',
            'at = "2026-03-02 08:00"',
            "story.toml, line 8: then 1: at: lies before the beginning",
        ),
        ('at = "2026-03-02 11:00"', "", "story.toml, line 8: then 1: exactly one of at, after, or day with clock"),
        (
            'at = "2026-03-02 11:00"',
            'day = 1\nclock = "10:00"',
            "story.toml, line 8: then 1: day: counts from a session, and there was none yet",
        ),
        (
            'at = "2026-03-02 11:00"',
            'at = "2026-03-02 11:00"\nwho = "Tom"',
            "then 1: who: no 'Tom'; it is one of Maria",
        ),
        (
            "number = 1 }",
            'number = 1, ended = "2026-03-02 12:00" }',
            "story.toml, line 8: then 1: session.ended: lies ahead",
        ),
        ("session = { number = 1 }", 'outage = "carrier"', "then 1: outage and lasts go together"),
        ("session = { number = 1 }", "resume = false", "story.toml, line 8: then 1: resume: Input should be True"),
        ("session = { number = 1 }", "session_cancelled = 'no_show'", "session_cancelled: Maria had no session yet"),
        ("session = { number = 1 }", "case_closed = 'called'", "case_closed: Maria has no open case then"),
        (
            "session = { number = 1 }",
            'appointment_moved = "2026-03-09 09:00"',
            "appointment_moved: Maria has no appointment yet",
        ),
        (
            "session = { number = 1 }",
            'prefers = { own_hour = "03:00" }',
            "prefers: Questions leave between 09:00 and 18",
        ),
        (
            'step = "next-day mood"',
            'step = "next-day mod"',
            "story.toml, line 12: expect 1: step: no step 'next-day mod'; there are same-day check-in,",
        ),
        ('step = "next-day mood"', "session = 2\n" + 'step = "next-day mood"', "session: Maria has no session 2"),
        ('step = "next-day mood"', 'step = "next-day mood"\ntexts = 3', "expect 1: says step and texts; exactly one"),
        ('step = "next-day mood"', 'case = "concern"\ntimes = 3', "expect 1: times does not go with case"),
        ('step = "next-day mood"', 'case = "worse"', "story.toml, line 12: expect 1: case: Input should be"),
    ],
)
def test_a_mistake_names_file_line_entry_and_key(sqlite: Database, before: str, after: str, words: str) -> None:
    text = (HEAD + SESSION + MOOD).strip() + "\n"
    assert before in text

    with pytest.raises(ScriptMistake) as mistake:
        rehearse(text.replace(before, after, 1), file="story.toml", schedules=STORY, database=sqlite)

    assert words in str(mistake.value)


def test_of_several_patients_it_must_be_said_who(sqlite: Database) -> None:
    two = HEAD.replace("[patient]", "[[patient]]") + '[[patient]]\ngiven_name = "Tom"\n'

    with pytest.raises(ScriptMistake, match="then 1: who: say who: Maria, Tom"):
        rehearse(two + SESSION + MOOD, file="two.toml", schedules=STORY, database=sqlite)


def test_hours_that_leave_no_time_for_a_question_are_named(play: Play) -> None:
    with pytest.raises(ScriptMistake, match=r"story.toml: It closes at least three hours after"):
        play('[clinic]\nopens = "09:00"\ncloses = "10:00"\n' + SESSION + MOOD)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScriptMistake, match=r"none\.toml: cannot be read"):
        rehearse_file(tmp_path / "none.toml", schedules=STORY)


# The command -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "code", "words"),
    [
        ("", "", 0, "The expectation holds."),
        ("10:00", "10:01", 1, "  line 13: Maria's next-day mood, delivered on Tue 2026-03-03 10:01: it left on Tue"),
        ("at =", "when =", 1, "story.toml, line 9: then 1: when: is not known"),
    ],
    ids=["it holds", "it does not", "a mistake"],
)
def test_the_command_ends_with_0_only_if_all_holds(
    before: str,
    after: str,
    code: int,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in os.environ:
        if name.upper().startswith("FOLLOWUP_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FOLLOWUP_SCHEDULES", str(ROOT / "tests" / "schedules"))
    (tmp_path / "story.toml").write_text((HEAD + SESSION + MOOD).replace(before, after, 1))

    assert run(["rehearse", "story.toml"]) == code

    said = capsys.readouterr()
    assert words in (said.err if after == "when =" else said.out)
    assert "text_moved" not in said.err
    assert list(tmp_path.iterdir()) == [tmp_path / "story.toml"]
