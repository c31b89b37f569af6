"""A number of things, in words."""


def counted(count: int, noun: str) -> str:
    """`1 picture`, `2 pictures`; of a noun whose plural ends in s."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
