"""A line is said once in a while, and each line by itself."""

from streamdepth.said_once import LATELY, SaidOnce, SaidUntilBack


def test_the_same_line_is_said_again_only_after_a_while():
    said, now = [], [0.0]
    say = SaidOnce(lambda line, trouble: said.append((line, trouble)), lambda: now[0])
    say("away", trouble=True)
    now[0] = LATELY / 2
    say("away", trouble=True)
    say("back", trouble=False)
    assert said == [("away", True), ("back", False)]
    now[0] = LATELY
    say("away", trouble=True)
    say("back", trouble=False)
    assert said == [("away", True), ("back", False), ("away", True)]


def test_what_is_away_is_said_once_until_it_is_back():
    said = []
    told = SaidUntilBack(lambda line, *words: said.append(line % words))
    assert not told.back()
    told.away("%s is away", "it")
    told.away("%s is away", "it")
    assert told.back()
    assert not told.back()
    told.away("it is away again")
    assert said == ["it is away", "it is away again"]
