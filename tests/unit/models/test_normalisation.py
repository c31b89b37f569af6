import pytest

from streamdepth.errors import UsageError
from streamdepth.models.normalisation import Normalisation, read_normalisation


def test_names_and_numbers_are_read():
    assert read_normalisation("half") == Normalisation((0.5,) * 3, (0.5,) * 3)
    assert read_normalisation("none") == Normalisation((0.0,) * 3, (1.0,) * 3)
    assert read_normalisation("imagenet") == read_normalisation("0.485,0.456,0.406,0.229,0.224,0.225")
    assert read_normalisation("0,-1,2,3,4,5") == Normalisation((0.0, -1.0, 2.0), (3.0, 4.0, 5.0))


@pytest.mark.parametrize(
    "text", ["", "vgg", "1,2,3", "1,2,3,4,5", "1,2,3,4,5,6,7", "0,0,0,1,0,1", "a,b,c,d,e,f"]
)
def test_anything_else_is_answered_with_what_there_is(text):
    with pytest.raises(UsageError, match=r"is not a normalisation \(there are imagenet, half, none, or mean"):
        read_normalisation(text)
