"""A flag accepts what its argument's annotation says."""

import pytest

from zoo.models import parsers


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        ("int", "-3", -3),
        ("float | None", "2.5", 2.5),
        ("bool", "false", False),
        ("str", "a,b", "a,b"),
        ("int | list[int]", "28,36", [28, 36]),
        ("int | tuple[int, int] | None", "28", 28),
        ("float | Sequence[float] | None", "0,55", [0.0, 55.0]),
        ("Literal['a', 'b'] | None", "b", "b"),
    ],
)
def test_parsers_follow_from_annotations(annotation, text, value):
    assert parsers.of(annotation).parse(text) == value


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        ("PositiveInt", "0"),
        ("NonNegativeInt", "-1"),
        ("NonNegativeFloat | None", "-0.5"),
        ("Share", "1"),
        ("int | list[int]", "28,36,3"),
        ("float | list[float]", "much"),
        ("Literal['a', 'b']", "c"),
    ],
)
def test_what_lies_beyond_an_annotation_is_refused(annotation, text):
    with pytest.raises(ValueError):  # noqa: PT011
        parsers.of(annotation).parse(text)


def test_an_annotation_that_no_flag_can_have():
    assert parsers.of("Callable[[int], int]") is None


@pytest.mark.parametrize("value", ["0,55", "0.002", "28,36", "1e-07", "12345678"])
def test_a_value_is_written_as_it_was_given(value):
    parsed = parsers.of("float | list[float]").parse(value)
    assert parsers.SERIALIZER.serialize(parsed) == value
