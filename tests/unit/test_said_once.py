"""A line is said once in a while, and each line by itself."""

from streamdepth.said_once import LATELY, SaidOnce


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
