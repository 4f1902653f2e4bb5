"""What the sandbox leaves to honest themes: filters, tests, operators, loops, macros."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from overlaykit.board.types import Board, BoardItem

HONEST = [
    ("{{ items | selectattr('state', 'equalto', 'low') | map(attribute='sku') | join(', ') }}", "s1, s3, s5"),
    ("{{ items | rejectattr('state', 'in', ('low', 'critical')) | sum(attribute='available') }}", "6"),
    ("{% for row in items | batch(4) %}[{{ row | length }}]{% endfor %}", "[4][2]"),
    ("{% for row in items | slice(4) %}[{{ row | length }}]{% endfor %}", "[2][2][1][1]"),
    (
        "{% for state, group in items | groupby('state') %}{{ state }} {{ group | length }};{% endfor %}",
        "low 3;on_sale 3;",
    ),
    ("{{ (items | sort(attribute='state,available', reverse=true) | first).sku }}", "s4"),
    ("{{ (items | max(attribute='available')).sku }} {{ items[1:3] | length }}", "s5 2"),
    ("{{ [none, 2, 1] | sort | first }} {{ ['b', 'B', 'a'] | unique | join }}", "1 ba"),
    ("{{ '%02d:%02d' % (7, 5) }} {{ '%.1f' | format(2 / 3) }} {{ (7 / 2) | round | int }}", "07:05 0.7 4"),
    ("{{ 2.345 | round(1, 'ceil') }} {{ 2.345 | round(1, 'floor') }} {{ 'x' | int(7) }}", "2.4 2.3 7"),
    ("{{ 'a' ~ 1 ~ none ~ items[0].title }}", "a1&lt;0&gt;"),
    ("{{ item.title | truncate(2, true, '') }}|{{ 'ab cd' | truncate(4) }}", "&lt;0|ab…"),
    ("{{ ['<', '<b>' | e] | join('&') }}", "&lt;&amp;&lt;b&gt;"),
    ("{% for region, units in item.regions | dictsort %}{{ region }}={{ units }} {% endfor %}", "EU=58 US=40"),
    ("{{ item.drop | default('-', true) }}{{ item.price is none }}{{ nothing is defined }}", "-FalseFalse"),
    ("{% for i in range(3) if i is odd %}{{ loop.index }}{{ loop.last }}{% endfor %}", "1True"),
    ("{% for i in items %}{{ loop.cycle('a', 'b') }}{% else %}none{% endfor %}", "ababab"),
    ("{% for x in [1, [2, [3]]] recursive %}{{ loop(x) if x is sequence else x }}{% endfor %}", "123"),
    ("{% macro m(a) %}<b>{{ a }}{{ caller() }}</b>{% endmacro %}{% call m('<') %}>{% endcall %}", "<b>&lt;></b>"),
    ("{{ ('3 号'.split(' ')[0] | int) + 1 }} {{ 1 < 2 <= 2 }} {{ {'a': 1}.get('b', 2) }}", "4 True 2"),
    ("{% filter upper %}ab{% endfilter %}{% with a = 1 %}{{ a }}{% endwith %}", "AB1"),
    (
        "{% set ns = namespace(n=0) %}{% for i in items %}{% set ns.n = ns.n + i.available %}{% endfor %}{{ ns.n }}",
        "15",
    ),
    ("{% block a %}x{% endblock %}{{ self.a() }}", "xx"),
]


@pytest.mark.parametrize(("template", "shown"), HONEST)
def test_what_honest_themes_need_is_there(
    render: Callable[..., str],
    make_board: Callable[..., Board],
    make_item: Callable[..., BoardItem],
    template: str,
    shown: str,
) -> None:
    states = ("on_sale", "low")
    items = [make_item(sku=f"s{n}", title=f"<{n}>", available=n, state=states[n % 2]) for n in range(6)]

    assert render(template, make_board(*items)) == shown


def test_five_hundred_items_are_far_from_every_limit(
    render: Callable[..., str], make_board: Callable[..., Board], make_item: Callable[..., BoardItem]
) -> None:
    """The limits are there for harm. A long list takes a fraction of any: ten times as many items still go."""
    board = make_board(*(make_item(sku=f"s{n}", link=n + 1) for n in range(5000)))
    rows = "{% for each in items %}<li data-key='{{ each.sku }}'>{{ each.link }} {{ each.title }}</li>{% endfor %}"

    assert render(f"<ul>{rows}</ul>", board).count("<li") == 5000
