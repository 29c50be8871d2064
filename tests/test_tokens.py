"""No line is refused by the tokens, none loses a character, and every rule of the command language is one test."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crmshell.errors import UsageError
from crmshell.language import tokens
from crmshell.language.tokens import LONGEST_LINE, Sort, Token, Variable, continues, is_too_long, quoted, tokenize

MANY = settings(max_examples=200, deadline=None, derandomize=True)

PIECES = [
    " ", "\t", "\r\n", "\n", "\v", "\f", "\\", "\\\n", '"', "'", "--", "--x", "--total-amount=", "=", "-5", "#", "@",
    "@@", "@gala", "@gala.email", "$", "$$", "$ANNÉE", "$YEAR", ">", ">!", "|", "!", "O'Brien", "d'Été", "王小明",
    "株式会社", "Éloïse", "\u202e", "\x00", "\x1b[31m", "\u00a0", "\u3000", "\x85", "\ud800", "contract", "5611d818",
]  # fmt: skip
ANY_TEXT = st.text() | st.text(st.characters(exclude_categories=()))
LINES = ANY_TEXT | st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
BLANKS_BUT_SPACE = re.compile(r"[\t\n\r\v\f]")
VALUES = (ANY_TEXT | st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join)).map(
    lambda text: BLANKS_BUT_SPACE.sub(" ", text)
)


def words(line: str) -> list[str]:
    """What each token but the blanks means."""
    return [token.text for token in tokenize(line) if token.sort is not Sort.SPACE]


def sorts(line: str) -> list[str]:
    """The sorts of all tokens but the blanks."""
    return [token.sort.value for token in tokenize(line) if token.sort is not Sort.SPACE]


def only(line: str) -> Token:
    """The one token of a line."""
    (token,) = tokenize(line)
    return token


# Totality


@MANY
@given(LINES)
def test_the_tokens_laid_side_by_side_are_the_line_again(line: str) -> None:
    position = 0
    assert "".join(token.raw for token in tokenize(line)) == line
    for token in tokenize(line):
        assert token.raw
        assert token.span == (position, position + len(token.raw))
        position = token.end


@MANY
@given(LINES)
def test_the_usual_tokens_are_those_that_the_whole_pattern_finds(line: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokens, "_COMMON", re.compile("(?!)"))  # none is usual
        whole = tokenize(line)
    assert tokenize(line) == whole


@MANY
@given(LINES)
def test_every_value_lies_inside_its_token_and_no_two_values_touch(line: str) -> None:
    tokens = tokenize(line)
    for token in tokens:
        assert not token.has_value or token.start <= token.value_start <= token.end
    for before, after in pairwise(tokens):
        assert Sort.SPACE in {before.sort, after.sort} or after.sort is Sort.RAW


@MANY
@given(LINES, st.dictionaries(st.sampled_from(["YEAR", "x", "_"]), st.text()))
def test_filling_in_variables_gives_a_text_or_names_the_one_that_is_missing(
    line: str, variables: dict[str, str]
) -> None:
    for token in tokenize(line):
        unknown = [part for part in token.parts if isinstance(part, Variable) and part.name not in variables]
        if not unknown:
            assert isinstance(token.expanded(variables), str)
            continue
        with pytest.raises(UsageError, match=rf"\${unknown[0].name} is not defined") as caught:
            token.expanded(variables)
        assert caught.value.span == token.value_span


@MANY
@given(VALUES)
def test_a_value_that_is_written_for_the_line_reads_back_as_itself(value: str) -> None:
    token = only(quoted(value))
    assert (token.sort, token.is_closed, token.at_name) == (Sort.WORD, True, None)
    assert token.expanded({}) == value


@MANY
@given(VALUES)
def test_a_value_reads_back_after_an_option_and_between_words_too(value: str) -> None:
    line = f"customer update 3 --company={quoted(value)} --note {quoted(value)} # fin"
    assert [token.expanded({}) for token in tokenize(line) if token.has_value][3:] == [value, value]


@pytest.mark.parametrize("value", ["O'Brien", "Éloïse", "5611d818", "-5", "a#b", "1234,56", "C:\\temp", 'say"so"'])
def test_a_value_is_quoted_only_where_it_must_be(value: str) -> None:
    assert quoted(value) == value


@pytest.mark.parametrize("value", ["", "Zoé Lefèvre", "#5", "--x", ">", ">!", "|", '"', "d'Été à Paris", "fin\\"])
def test_a_value_that_would_be_syntax_is_quoted(value: str) -> None:
    assert quoted(value)[0] in {'"', "'"}


# Words and quotes


def test_words_stand_between_blanks() -> None:
    assert words("contract add\t12   1500") == ["contract", "add", "12", "1500"]


def test_a_no_break_space_is_part_of_a_word_as_amounts_have_it() -> None:
    assert words("contract add 12 1\u202f234,56\u00a0€") == ["contract", "add", "12", "1\u202f234,56\u00a0€"]


@pytest.mark.parametrize("word", ["O'Brien", "d'Été", "N'Diaye", 'L"Atelier"', "5'30\"", "a=b", "é'"])
def test_a_quote_inside_a_word_is_a_plain_character(word: str) -> None:
    assert words(f"customer add {word} x") == ["customer", "add", word, "x"]


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_quote_opens_at_the_start_of_a_word(quote: str) -> None:
    assert words(f"a {quote}Zoé Lefèvre{quote} b") == ["a", "Zoé Lefèvre", "b"]


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_quote_opens_after_the_equals_sign_of_an_option(quote: str) -> None:
    token = only(f"--company={quote}株式会社 さくら{quote}")
    assert (token.option, token.text, token.quote) == ("company", "株式会社 さくら", quote)
    assert token.value_span == (10, 20)


def test_what_follows_a_closing_quote_belongs_to_the_word() -> None:
    assert words("'d''Été' \"a\"b") == ["d'Été'", "ab"]


def test_empty_quotes_are_an_empty_value() -> None:
    assert [token.text for token in tokenize("--company=\"\" ''") if token.has_value] == ["", ""]


def test_a_backslash_quotes_inside_double_quotes_only() -> None:
    assert words(r'"a\"b" "a\\b" "a\nb" "\$x \@y"') == ['a"b', r"a\b", "anb", "$x @y"]
    assert words(r"'a\b' C:\temp \"x") == [r"a\b", r"C:\temp", r"\"x"]


@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_quote_never_spans_lines(quote: str) -> None:
    tokens = tokenize(f"note {quote}première ligne\nsuite{quote} fin")
    unclosed = tokens[2]
    assert (unclosed.text, unclosed.is_closed) == ("première ligne", False)
    assert words(f"a {quote}b\nc") == ["a", "b", "c"]


def test_an_open_quote_takes_the_rest_of_its_line_and_knows_it_is_open() -> None:
    token = tokenize("customer add \"Éloïse d'Été --company x")[-1]
    assert (token.text, token.is_closed, token.quote) == ("Éloïse d'Été --company x", False, '"')


# Options


@pytest.mark.parametrize("word", ["-5", "-word", "-", "-x=1", "—x", "–x", "--=x"])
def test_only_two_dashes_and_a_name_make_an_option(word: str) -> None:
    token = only(word)
    assert (token.sort, token.text) == (Sort.WORD, word)


@pytest.mark.parametrize(
    ("written", "name", "value"), [("--mine", "mine", ""), ("--total-amount=12,50", "total-amount", "12,50")]
)
def test_an_option_has_a_name_and_perhaps_a_value(written: str, name: str, value: str) -> None:
    token = only(written)
    assert (token.sort, token.option, token.text) == (Sort.OPTION, name, value)
    assert token.has_value == ("=" in written)


def test_an_option_may_be_given_an_empty_value() -> None:
    token = only("--company=")
    assert (token.text, token.has_value, token.value_span) == ("", True, (10, 10))


def test_only_the_first_equals_sign_ends_the_name() -> None:
    assert only("--reference=a=b").text == "a=b"


def test_two_dashes_alone_end_the_options() -> None:
    assert sorts("help -- --help --x=1 --") == ["word", "end", "word", "word", "word"]
    assert words("a -- --x='y z'") == ["a", "", "--x='y", "z'"]


# Comments and continuation


@pytest.mark.parametrize("line", ["# tout", "  # tout", "contract list # tout", "contract list\t#tout"])
def test_a_hash_at_the_start_of_a_word_begins_a_comment(line: str) -> None:
    assert tokenize(line)[-1].sort is Sort.COMMENT


@pytest.mark.parametrize("line", ["salle#3", "--note=#3", "'#3'", '"#3"'])
def test_a_hash_elsewhere_is_a_plain_character(line: str) -> None:
    assert only(line).text.endswith("#3")


def test_a_comment_ends_with_its_line() -> None:
    assert sorts("a # b\nc") == ["word", "comment", "word"]


@pytest.mark.parametrize("line", ["contract list \\", "contract\\", "--mine\\", "--\\", 'note "a"\\', "a \\\\"])
def test_a_backslash_at_the_end_continues_the_line(line: str) -> None:
    assert continues(line)
    assert tokenize(line)[-1].raw.strip() == "\\"
    assert tokenize(line + "\n b")[: len(tokenize(line)) - 1] == tokenize(line)[:-1]


@pytest.mark.parametrize("line", ["", "a", "a\\ ", "a # b\\", "a | fichier\\", "C:\\temp"])
def test_any_other_line_stands_alone(line: str) -> None:
    assert not continues(line)


def test_a_continued_line_reads_as_if_it_were_one() -> None:
    assert words("contract add 12\\\n  1500 \\\n--as gala") == words("contract add 12 1500 --as gala")


# Length


def test_a_line_of_64_kib_is_cut_into_words() -> None:
    line = "a " * (LONGEST_LINE // 2)
    assert not is_too_long(line)
    assert len(tokenize(line)) == LONGEST_LINE


@pytest.mark.parametrize("line", ["x" * (LONGEST_LINE + 1), "é" * (LONGEST_LINE // 2 + 1), "\ud800" * 21_846])
def test_a_longer_line_counted_in_bytes_is_not_read(line: str) -> None:
    assert is_too_long(line)
    assert only(line).sort is Sort.RAW


@pytest.mark.parametrize("piece", ["'", '"', '"\\', "\\", "--x=", "@", "$x", "# ", "> ", "a "])
def test_a_line_of_a_megabyte_is_left_uncut(piece: str) -> None:
    line = piece * (1_000_000 // len(piece))
    assert tokenize(line) == (Token(Sort.RAW, 0, line),)


@pytest.mark.parametrize("piece", ["'", '"', '"\\"', "\\", "--", "--x=", "$x", "a'b ", ' "'])
def test_the_longest_line_that_is_read_is_cut_into_no_more_tokens_than_it_has_words(piece: str) -> None:
    line = piece * (LONGEST_LINE // len(piece))
    assert len(tokenize(line)) <= 2 * line.count(" ") + 2


# Variables and names


@pytest.mark.parametrize("line", ["marie@@atelier.example", '"marie@@atelier.example"', "marie@atelier.example"])
def test_a_doubled_at_is_the_plain_character(line: str) -> None:
    assert only(line).expanded({}) == "marie@atelier.example"


@pytest.mark.parametrize("line", ["$$YEAR", '"$$YEAR"', "--note=$$YEAR", "'$YEAR'"])
def test_a_doubled_dollar_is_the_plain_character(line: str) -> None:
    assert only(line).expanded({"YEAR": "2027"}) == "$YEAR"


@pytest.mark.parametrize("line", ["$YEAR", '"$YEAR"', "--note=$YEAR"])
def test_a_variable_is_filled_in_outside_single_quotes(line: str) -> None:
    assert Variable("YEAR") in only(line).parts
    assert only(line).expanded({"YEAR": "2027"}) == "2027"


def test_a_variable_may_stand_inside_a_word() -> None:
    assert only('"Soirée d\'été $YEAR$$"').expanded({"YEAR": "2027"}) == "Soirée d'été 2027$"


@pytest.mark.parametrize("value", ["a b --mine # x", "' | > @gala $YEAR $$", '"\\'])
def test_what_a_variable_holds_is_never_read_as_syntax(value: str) -> None:
    assert only("x$YEAR").expanded({"YEAR": value}) == f"x{value}"


@pytest.mark.parametrize("line", ["$", "$5", "5$", "$ é", "$é"])
def test_a_dollar_without_a_name_is_a_plain_character(line: str) -> None:
    assert "".join(token.text or token.raw for token in tokenize(line)) == line


@pytest.mark.parametrize("value", ["@@gala $$5 $YEAR", "marie@@x", "\\$$"])
def test_nothing_is_expanded_between_single_quotes(value: str) -> None:
    assert only(f"'{value}'").expanded({"YEAR": "2027"}) == value


def test_an_undefined_variable_is_a_usage_error_at_the_value() -> None:
    token = tokenize("event add --name=$NOM")[-1]
    with pytest.raises(UsageError, match=r"\$NOM is not defined") as caught:
        token.expanded({"YEAR": "2027"})
    assert caught.value.span == (17, 21)
    assert "$$NOM" in caught.value.hint


@pytest.mark.parametrize(
    ("line", "name"), [("@gala", "gala"), ("--customer-id=@acme", "acme"), ("@acme.email", "acme.email"), ("@", "")]
)
def test_an_at_begins_a_name_at_the_start_of_an_unquoted_word(line: str, name: str) -> None:
    assert only(line).at_name == name


@pytest.mark.parametrize("line", ["'@gala'", '"@gala"', "x@gala", "@@gala", "--note='@gala'", "--note", "--no@", "#@x"])
def test_an_at_elsewhere_begins_no_name(line: str) -> None:
    assert only(line).at_name is None


# Operators


def test_a_pipe_stands_alone_and_what_follows_it_is_raw() -> None:
    tokens = tokenize('contract list | "l\'été" --x # y')
    assert [(token.sort, token.raw) for token in tokens[-2:]] == [
        (Sort.OPERATOR, "|"),
        (Sort.RAW, ' "l\'été" --x # y'),
    ]


@pytest.mark.parametrize("operator", [">", ">!"])
def test_the_name_of_a_file_is_a_word_like_any_other(operator: str) -> None:
    tokens = [token for token in tokenize(f"contract list {operator} 'mes impayés.csv' # y") if not token.is_blank]
    assert [token.sort for token in tokens[-2:]] == [Sort.OPERATOR, Sort.WORD]
    assert tokens[-1].text == "mes impayés.csv"


@pytest.mark.parametrize("operator", [">", ">!", "|"])
def test_an_operator_may_end_the_line(operator: str) -> None:
    assert sorts(f"contract list {operator}") == ["word", "word", "operator"]


@pytest.mark.parametrize("word", [">5", "a>b", ">>", "||", "|x", ">!x", "'>'", '"|"', "!"])
def test_an_operator_inside_a_word_or_quotes_is_plain(word: str) -> None:
    assert sorts(f"note {word} fin") == ["word", "word", "word"]
