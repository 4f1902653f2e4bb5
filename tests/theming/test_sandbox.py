"""Templates of strangers: what each tries, and how it ends. Always in a ThemeError, soon, with the template's line."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from overlaykit.board.types import Board, BoardItem
from overlaykit.errors import ThemeError
from overlaykit.model.plugins import Theme
from overlaykit.theming import Formats, load_theme, open_picture

SOON = 5.0
"""Seconds of the processor, many times what the budget allows, for compiling, rendering and explaining together."""


def again(body: str) -> str:
    """A loop that is far too long."""
    return "{% for i in range(90000) %}" + body + "{% endfor %}"


def grown(first: str, following: str, times: int = 99) -> str:
    """Takes the last value (`ns.s`) into the next, again and again."""
    return (
        "{% set ns = namespace(s="
        + first
        + ") %}{% for i in range("
        + str(times)
        + ") %}{% set ns.s = "
        + following
        + " %}{% endfor %}"
    )


READS = {
    "a class": "{{ item.__class__ }}",
    "a class by subscript": "{{ item['__class__'] }}",
    "a class by filter": "{{ item | attr('__class__') }}",
    "a class by map": "{{ (items | map(attribute='__class__') | first).x }}",
    "a class by sort": "{{ items | sort(attribute='__class__') | length }}",
    "a class by groupby": "{{ items | groupby('__class__') | length }}",
    "a class by format": "{{ '{0.__class__}'.format(item) }}",
    "a class by format_map": "{{ '{a.__class__}'.format_map({'a': item}) }}",
    "a class by filtered format": "{{ ['{0.__class__}'] | map('format', item) | join }}",
    "a class by its printf name": "{{ '%(__class__)s' | format(item) }}",
    "subclasses of object": "{{ ().__class__.__bases__[0].__subclasses__() }}",
    "the globals of a macro": "{{ _.__call__.__globals__ }}",
    "the formats behind ui": "{{ ui._formats }}",
    "the function behind ui": "{{ ui.number.__func__ }}",
    "the inside of self": "{{ self._TemplateReference__context }}",
    "the context of a block": "{% block b %}{% endblock %}{{ self.b._context }}",
    "the environment of a macro": "{% macro m() %}{% endmacro %}{{ m._environment }}",
    "the function of a macro": "{% macro m() %}{% endmacro %}{{ m._func }}",
    "the name of a macro": "{% macro m() %}{% endmacro %}{{ m.name }}",
    "the iterator of a loop": "{% for x in items %}{{ loop._iterator }}{% endfor %}",
    "the undefined of a loop": "{% for x in items %}{{ loop._undefined }}{% endfor %}",
    "the fields of a namespace": "{{ namespace(a=1)._Namespace__attrs }}",
    "the class of a namespace": "{{ namespace(a=1).__class__ }}",
    "fields of a struct": "{{ item.__struct_fields__ }}",
    "where an object lies in memory": "{{ ui }}",
    "where a function lies in memory": "{{ ui.number ~ '' }}",
    "where an object lies, by printf": "{{ '%r' % (ui,) }}",
    "where an object lies, by list": "{{ [ui] }}",
    "where an object lies, by join": "{{ [ui] | join }}",
    "where an object lies, by string": "{{ ui | string }}",
    "the globals": "{{ cycler.__init__.__globals__.os.environ }}",
    "lorem ipsum": "{{ lipsum.__globals__ }}",
    "dict": "{{ dict.mro() }}",
    "the request": "{{ request.environ }}",
    "the configuration": "{{ config }}",
    "the environment": "{{ environment.loader }}",
    "the context": "{{ context.environment }}",
    "markup made safe": "{{ item.title | safe }}",
    "markup taken apart": "{{ (item.title | e).unescape() }}",
    "no escaping": "{% autoescape false %}{{ item.title }}{% endautoescape %}",
    "markup of JSON": "{{ item.title | tojson }}",
    "links made of text": "{{ item.title | urlize }}",
    "attributes from a table": "{{ {'onload': 'x'} | xmlattr }}",
    "a file above": "{% include '../secret.txt' %}",
    "a file by its full path": "{% include '/etc/passwd' %}",
    "a file above, by import": "{% import '../secret.txt' as x %}",
    "a file above, by extends": "{% extends '../secret.txt' %}",
    "a file above, twice": "{% include 'img/../../secret.txt' %}",
    "a linked file": "{% include 'link.html' %}",
    "a file in a linked folder": "{% include 'linked/secret.txt' %}",
    "a file with a null byte": "{% include 'page.html\\0' %}",
    "a folder": "{% include 'img' %}",
    "a pipe": "{% include 'pipe.html' %}",
    "an asset above": "{{ ui.asset('../secret.txt') }}",
    "a linked asset": "{{ ui.asset('link.html') }}",
    "a change of the board": "{{ item.regions.update({'US': 0}) }}",
    "a change of a list": "{{ [1].append(2) }}",
    "a change of the options": "{% set options.x = 1 %}",
    "a Python statement": "{% do items.clear() %}",
    "arguments from a list": "{{ _(*['left']) }}",
    "an argument that jinja2 uses itself": "{% for x in items %}{{ ui.status(_loop_vars={}) }}{% endfor %}",
}
BIG = "{% set big = 'x' * 1000000 %}"
FILLS = {
    "a long text": "{{ 'x' * 1000000000 }}",
    "a long text, turned round": "{{ 1000000000 * 'x' }}",
    "a long list": "{{ ([0] * 1000000000) | length }}",
    "a long tuple": "{{ ((0,) * 1000000000) | length }}",
    "a power": "{{ 9 ** 9 ** 9 }}",
    "a power of floats": "{{ 9.9 ** 9.9e9 }}",
    "powers in a loop": grown("2", "ns.s ** 2"),
    "products in a loop": grown("3", "ns.s * ns.s"),
    "sums in a loop": grown("3", "ns.s + ns.s"),
    "differences in a loop": grown("3", "ns.s - (-ns.s)"),
    "a sum of a list": "{{ [9000000000000000000, 9000000000000000000] | sum }}",
    "a root": "{{ (-8) ** 0.5 }}",
    "a literal": "{{ 0x" + "f" * 1000 + " }}",
    "a literal of digits": "{{ " + "9" * 5000 + " }}",
    "a number from text": "{{ ('9' * 4000) | int }}",
    "a text doubled": grown("'x'", "ns.s + ns.s"),
    "a text doubled by ~": grown("'x'", "ns.s ~ ns.s"),
    "a text doubled by join": grown("'x'", "[ns.s, ns.s] | join"),
    "a text doubled by replace": grown("'x'", "ns.s | replace('x', 'xx')"),
    "a text doubled by its method": grown("'x'", "ns.s.replace('x', 'xx')"),
    "a text doubled by printf": grown("'x'", "'%s%s' % (ns.s, ns.s)"),
    "a text doubled by set": "{% set ns = namespace(s='x') %}"
    + again("{% set ns.s %}{{ ns.s }}{{ ns.s }}{% endset %}"),
    "a list doubled": grown("[0]", "ns.s + ns.s"),
    "escapes of escapes": grown("'&'", "(ns.s | e) ~ '&' ~ ns.s"),
    "a wide printf": "{{ '%1000000000d' % 1 }}",
    "a wide printf from a list": "{{ '%*d' % (1000000000, 1) }}",
    "a precise printf": "{{ '%.1000000000f' % 1.0 }}",
    "a wide format": "{{ '%1000000000d' | format(1) }}",
    "a wide printf by test": "{{ '%1000000000d' is even }}",
    "a wide printf by another test": "{{ '%1000000000d' is divisibleby(3) }}",
    "half a character by printf": "{{ '%c' % 55357 }}",
    "half a character": "{{ '\\ud83d' }}",
    "a wide centre": "{{ 'x' | center(1000000000) }}",
    "ljust": "{{ 'x'.ljust(1000000000) }}",
    "zfill": "{{ 'x'.zfill(1000000000) }}",
    "expandtabs": "{{ '\\t'.expandtabs(1000000000) }}",
    "translate": "{{ 'x'.translate({120: 'x' * 1000}) }}",
    "an indent": "{{ 'x' | indent(1000000000) }}",
    "a wrap": "{{ 'x' | wordwrap(1) }}",
    "a batch": "{{ [1] | batch(1000000000, 0) | length }}",
    "a slice": "{{ [1] | slice(1000000000) | length }}",
    "a rounding": "{{ 1.5 | round(1000000000, 'ceil') }}",
    "a long range": "{% for i in range(1000000000000) %}{% endfor %}",
    "a range beyond numbers": "{% for i in range(9000000000000000000, 9, -1) %}{% endfor %}",
    "an empty loop": again(again("")),
    "a loop that leaves all out": again("{% for j in range(90000) if j < 0 %}{% endfor %}"),
    "a loop with an else": again("{% for j in range(90000) if false %}{% else %}{% endfor %}"),
    "a loop in a macro": "{% macro m() %}" + again("") + "{% endmacro %}" + again("{{ m() }}"),
    "a loop in a call block": "{% macro m() %}"
    + again("{{ caller() }}")
    + "{% endmacro %}{% call m() %}"
    + again("")
    + "{% endcall %}",
    "a loop in a live part": "{% live 1, item %}<p>" + again(again("")) + "</p>{% endlive %}",
    "a loop in an import": "{% import 'loops.html' as x %}",
    "a loop of filters": again("{{ range(90000) | list | length }}"),
    "a loop of sorts": "{% set l = range(90000) | list | reverse %}{% for i in range(90000) %}{{ l | sort | length }}{% endfor %}",
    "a loop of maps": again("{{ range(90000) | map('abs') | list | length }}"),
    "a loop of selects": again("{{ range(90000) | select('odd') | list | length }}"),
    "a loop of sums": again("{{ range(90000) | sum }}"),
    "a loop of slices": BIG
    + "{% set ns = namespace(l=[]) %}{% for i in range(9000) %}{% set ns.l = ns.l + [big[1:]] %}{% endfor %}",
    "a loop of long literals": grown("[]", "[ns.s, [" + "0," * 9000 + "]]", 9000),
    "a loop of searches": BIG + again("{{ 'y' in big }}"),
    "a loop of finds": BIG + again("{{ big.find('y') }}"),
    "a loop of comparisons": BIG
    + "{% set other = 'x' * 1000000 %}{% for i in range(90000) %}{{ big == other }}{% endfor %}",
    "a loop of text": again("x" * 1000),
    "a loop of text in set": "{% set s %}" + again("x" * 1000) + "{% endset %}",
    "a loop of text in a filter": "{% filter upper %}{% for i in range(90000) %}"
    + "x" * 1000
    + "{% endfor %}{% endfilter %}",
    "a loop of text in a block": "{% block b %}" + again("x" * 1000) + "{% endblock %}",
    "a loop of live elements": again("{{ ui.bar(0.5) }}{{ ui.price('1.00') }}"),
    "a loop of includes": again("{% include 'plain.html' %}" * 2),
    "a loop of missing includes": again("{% include 'none' ~ i ignore missing %}"),
    "lists in lists compared": grown("[0]", "[ns.s, ns.s]")
    + "{% set a = ns.s %}"
    + grown("[0]", "[ns.s, ns.s]")
    + "{{ a == ns.s }}",
    "tuples in tuples looked up": grown("(0,)", "(ns.s, ns.s)") + "{{ {1: 2}[ns.s] }}",
    "tuples in tuples as keys": grown("(0,)", "(ns.s, ns.s)") + "{{ {ns.s: 2} | length }}",
    "tuples in tuples as words": grown("(0,)", "(ns.s, ns.s)") + "{{ _(ns.s) }}",
    "tuples in tuples made unique": grown("(0,)", "(ns.s, ns.s)") + "{{ [ns.s] | unique | length }}",
    "tables in tables in a loop": grown("{}", "{'a': ns.s, 'b': ns.s}")
    + "{% for i in (1, 2) %}{{ loop.changed(ns.s) }}{% endfor %}",
    "tables in tables in a live part": grown("{}", "{'a': ns.s, 'b': ns.s}") + "{% live 1, ns.s %}<p></p>{% endlive %}",
}
ODD = {
    "no number": "{{ (1e308 * 10 - 1e308 * 10) | count }}",
    "no number by division": "{{ (1e308 / 1e-308) | count }}",
    "no number by literal": "{{ 1e999 | count }}",
    "no number from text": "{{ ui.number('nan' | float(default='x')) }}",
    "a billion digits of money": "{{ '1e999999999' | money }}",
    "a billion digits of a price": "{{ ui.price('1e999999999') }}",
    "a billion digits of an older price": "{{ ui.price('1.00', was='1e999999999') }}",
    "money that is none": "{{ 'nan' | money }}",
    "a long value in a word": "{{ _('ui_left', n=1) ~ _('ui_link', n='x' * 9000) }}",
    "ui in a word": "{{ _('ui_link', n=ui) }}",
    "a list in a word": "{{ _('ui_link', n=[ui]) }}",
    "a filter without its arguments": "{{ items | selectattr | length }}",
    "a filter with too many": "{{ 1 | abs(2, 3) }}",
    "a test without its argument": "{{ items | select('eq') | length }}",
    "texts and numbers in order": "{{ ['a', 1] | sort }}",
    "items in order": "{{ items | sort }}",
    "a live part used again": "{% set p %}{% live 1, item %}<p>"
    + "x" * 9000
    + "</p>{% endlive %}{% endset %}"
    + again("{{ p }}"),
    "a live part of half a tag": "{% live 1, item %}<p>" + "<a " * 20_000 + "{% endlive %}",
    "a live part of half an attribute": "{% live 1, item %}<p>" + "<a b='\"" * 9_000 + "{% endlive %}",
    "a live part of half a comment": "{% live 1, item %}<p>" + "<!--" * 15_000 + "{% endlive %}",
    "a live part of half a declaration": "{% live 1, item %}<![<!" + "{% endlive %}",
    "as many objects as there are numbers": "{{ ui.units(9000000000000000000, 9000000000000000000, per=1) }}",
    "all next items": "{{ ui.next_items(9000000000000000000) }}",
    "a long code": "{{ ui.qr('x' * 100000) }}",
    "many codes": again("{{ ui.qr('x' * 500 ~ i) }}"),
    "many walls": again("{{ ui.heatmap(items * 500) }}"),
    "a wall of what is no item": "{{ ui.heatmap([ui]) }}",
    "an option by a long name": "{{ options['x' * 1000000] }}",
    "an error as long as a book": "{{ ui.number('x' * 1000000) }}",
}
RECURS = {
    "a macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "two macros": "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
    "a macro, twice each": "{% macro m(n) %}{{ m(n) }}{{ m(n) }}{% endmacro %}{{ m(1) }}",
    "a macro that branches to a depth": "{% macro m(n) %}{% if n %}{{ m(n - 1) ~ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
    "a caller": "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}",
    "an include": "{% include 'page.html' %}",
    "an import": "{% import 'page.html' as x %}",
    "an import with context": "{% import 'page.html' as x with context %}",
    "extends": "{% extends 'page.html' %}",
    "a block": "{% block b %}{{ self.b() }}{% endblock %}",
    "a recursive loop": "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "a recursive loop, wide": "{% for x in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}",
}
INVOLVED = {
    "parentheses": "{{ " + "(" * 10_000 + "1" + ")" * 10_000 + " }}",
    "lists": "{{ " + "[" * 10_000 + "]" * 10_000 + " }}",
    "nots": "{{ " + "not " * 10_000 + "1 }}",
    "minuses": "{{ " + "-" * 10_000 + "1 }}",
    "dots": "{{ item" + ".a" * 10_000 + " }}",
    "calls": "{{ item" + "()" * 10_000 + " }}",
    "filters": "{{ 1" + "|abs" * 10_000 + " }}",
    "sums": "{{ 1" + "+1" * 10_000 + " }}",
    "ors": "{{ 1" + " or 1" * 10_000 + " }}",
    "choices": "{{ " + "1 if 0 else " * 5_000 + "1 }}",
    "ifs": "{% if 1 %}" * 3_000 + "{% endif %}" * 3_000,
    "loops": "{% for x in items %}" * 21 + "{% endfor %}" * 21,
    "sets": "{% set x %}" * 300 + "{% endset %}" * 300,
    "an open tag": "{% for x in items %}",
    "an open expression": "{{ " * 10_000,
    "a large file": "x" * 70_000,
    "the same argument twice": "{{ _('a', b=1, b=2) }}",
}


@pytest.fixture
def folder(theme_folder: Callable[..., Path], tmp_path: Path) -> Callable[[str], Path]:
    """The theme of a stranger: `page.html` is the template, around it what it would like to reach."""
    (tmp_path / "secret.txt").write_text("the secret", encoding="utf-8")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text("the secret", encoding="utf-8")

    def write(template: str) -> Path:
        made = theme_folder(template)
        (made / "img").mkdir()
        (made / "link.html").symlink_to(tmp_path / "secret.txt")
        (made / "linked").symlink_to(tmp_path / "outside")
        (made / "plain.html").write_text("<p></p>", encoding="utf-8")
        (made / "loops.html").write_text(FILLS["an empty loop"], encoding="utf-8")
        os.mkfifo(made / "pipe.html")
        return made

    return write


@pytest.fixture
def refused(folder: Callable[[str], Path], make_board: Callable[..., Board], formats: Formats) -> Callable[[str], str]:
    """Opens and renders a template that must fail; what its author is told."""

    def attempt(template: str) -> str:
        theme = load_theme(Theme(name="acme", folder=folder(template)))
        board, began = make_board(), time.thread_time()
        with pytest.raises(ThemeError) as error:
            open_picture(theme, "page", formats=formats, options={}).render(board, board.items["coat"])
        assert time.thread_time() - began < SOON
        assert "the secret" not in str(error.value)
        assert "0x" not in error.value.message
        assert len(str(error.value)) < 2_000
        return str(error.value)

    return attempt


@pytest.mark.parametrize("template", READS.values(), ids=READS)
def test_nothing_but_the_board_can_be_read(refused: Callable[[str], str], template: str) -> None:
    assert "page.html:1: " in refused(template)


@pytest.mark.parametrize("template", FILLS.values(), ids=FILLS)
def test_nothing_takes_all_time_or_memory(refused: Callable[[str], str], template: str) -> None:
    assert ".html:1: " in refused(template)


@pytest.mark.parametrize("template", ODD.values(), ids=ODD)
def test_what_makes_no_sense_is_told(refused: Callable[[str], str], template: str) -> None:
    assert "page.html:" in refused(template)


@pytest.mark.parametrize("template", RECURS.values(), ids=RECURS)
def test_what_calls_itself_is_stopped(refused: Callable[[str], str], template: str) -> None:
    said = refused(template)

    assert "page.html:1: " in said
    assert "calls itself" in said or "was stopped" in said


@pytest.mark.parametrize("template", INVOLVED.values(), ids=INVOLVED)
def test_what_is_too_involved_is_not_compiled(refused: Callable[[str], str], template: str) -> None:
    assert "page.html" in refused(template)


def test_nothing_is_kept_from_one_picture_to_the_next(
    folder: Callable[[str], Path],
    make_board: Callable[..., Board],
    make_item: Callable[..., BoardItem],
    formats: Formats,
) -> None:
    """One picture shows many sessions, one after the other: what a template notes must not reach the next."""
    made = folder(
        "{% import 'notes.html' as notes %}{% set kept = notes.kept %}[{{ kept.title }}]{% set kept.title = item.title %}"
    )
    (made / "notes.html").write_text("{% set kept = namespace(title='') %}", encoding="utf-8")
    picture = open_picture(load_theme(Theme(name="acme", folder=made)), "page", formats=formats, options={})
    ours, theirs = make_board(make_item(title="ours")), make_board(make_item(title="theirs"))

    assert picture.render(ours, ours.items["coat"]) == "[]"
    assert picture.render(theirs, theirs.items["coat"]) == "[]"


def test_a_picture_that_was_stopped_works_again(
    folder: Callable[[str], Path],
    make_board: Callable[..., Board],
    make_item: Callable[..., BoardItem],
    formats: Formats,
) -> None:
    made = folder("{{ item.available }}{% if item.available < 9 %}" + again(again("")) + "{% endif %}")
    picture = open_picture(load_theme(Theme(name="acme", folder=made)), "page", formats=formats, options={})
    many, few = make_board(), make_board(make_item(available=8))

    with pytest.raises(ThemeError, match="200,000 steps"):
        picture.render(few, few.items["coat"])
    assert picture.render(many, many.items["coat"]) == "98"


def test_a_filter_that_is_used_wrongly_says_how_to_write_it(refused: Callable[[str], str]) -> None:
    assert "Write truncate(length=255, killwords=False, end='…')." in refused("{{ 'x' | truncate(1, 2, 3, 4) }}")


@pytest.mark.parametrize(
    ("template", "says"), [("{{ 1 | uper }}", "Did you mean 'upper'?"), ("{{ 1 is od }}", "'odd'")]
)
def test_filters_and_tests_that_do_not_exist_are_told_with_those_that_do(
    refused: Callable[[str], str], template: str, says: str
) -> None:
    assert says in refused(template)
