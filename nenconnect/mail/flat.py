"""Templates of mails, prepared for one language: what is the same in every mail is put together beforehand.

Filling a mail's templates is most of the work of sending it, and most of that is looking up the same layout and
the same sentences again. Nothing here changes what comes out (test_flat_templates.py); a tag that this does
not know stays as it is.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any

from django.conf import settings
from django.template import Context, Engine, Node, NodeList, engines
from django.template.base import FilterExpression, TextNode, VariableNode
from django.template.defaulttags import CommentNode, IfNode, LoadNode
from django.template.loader_tags import BlockNode, ExtendsNode, IncludeNode
from django.templatetags.i18n import BlockTranslateNode, TranslateNode
from django.utils import translation

_GAP = re.compile(r"%\((\w+)\)s")
Blocks = dict[str, BlockNode]


def flat_template(engine: str, name: str, language: str) -> Any:
    """The template of a backend, to be rendered in this language only."""
    # While one works on a template, it is not remembered.
    return (_flattened.__wrapped__ if settings.DEBUG else _flattened)(engine, name, language)


@lru_cache(maxsize=500)
def _flattened(engine: str, name: str, language: str) -> Any:
    found: Any = copy.copy(engines[engine].get_template(name))
    found.template = copy.copy(found.template)
    with translation.override(language):
        found.template.nodelist = _Flattening(found.template.engine).of(found.template.nodelist, {})
    return found


class _Scope(Node):
    """What is set inside ends with it."""

    def __init__(self, nodelist: NodeList, values: dict[str, FilterExpression]) -> None:
        self.nodelist = nodelist
        self.values = values

    def render(self, context: Context) -> str:
        with context.push(**{name: value.resolve(context) for name, value in self.values.items()}):
            return self.nodelist.render(context)


class _Set(Node):
    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self.value = value

    def render(self, context: Context) -> str:
        context[self.name] = self.value
        return ""


class _Flattening:
    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.ways: dict[type[Node], Callable[[Any, Blocks], Iterable[Node]]] = {
            BlockNode: self._block,
            BlockTranslateNode: self._sentence_with_gaps,
            CommentNode: self._nothing,
            ExtendsNode: self._layout,
            IfNode: self._either,
            IncludeNode: self._included,
            LoadNode: self._nothing,
            TranslateNode: self._sentence,
        }

    def of(self, nodes: Iterable[Node], blocks: Blocks) -> NodeList:
        """`blocks` are those that a template further down has for the layout."""
        return NodeList(_joined(flat for node in nodes for flat in self._of_one(node, blocks)))

    def _of_one(self, node: Node, blocks: Blocks) -> Iterable[Node]:
        way = self.ways.get(type(node))
        return way(node, blocks) if way else [node]

    def _nothing(self, node: Node, blocks: Blocks) -> Iterable[Node]:
        return []

    def _layout(self, node: ExtendsNode, blocks: Blocks) -> Iterable[Node]:
        return self._content_of(node.parent_name, node.blocks | blocks)

    def _content_of(self, name: Any, blocks: Blocks) -> NodeList:
        """Of a template that is named outright, as all of ours are."""
        return self.of(self.engine.get_template(name.resolve(Context())).nodelist, blocks)

    def _block(self, node: BlockNode, blocks: Blocks) -> Iterable[Node]:
        content = self.of(blocks.get(node.name, node).nodelist, blocks)
        return content if _sets_nothing(content) else [_Scope(content, {})]

    def _included(self, node: IncludeNode, blocks: Blocks) -> Iterable[Node]:
        return [_Scope(self._content_of(node.template, {}), node.extra_context)]

    def _either(self, node: IfNode, blocks: Blocks) -> Iterable[Node]:
        return [IfNode([(condition, self.of(nodes, blocks)) for condition, nodes in node.conditions_nodelists])]

    def _sentence(self, node: TranslateNode, blocks: Blocks) -> Iterable[Node]:
        expression = node.filter_expression
        if expression.filters or expression.var.literal is None or node.message_context:
            return [node]
        sentence = TranslateNode(expression, node.noop).render(Context(autoescape=self.engine.autoescape))
        return [_Set(node.asvar, sentence) if node.asvar else TextNode(sentence)]

    def _sentence_with_gaps(self, node: BlockTranslateNode, blocks: Blocks) -> Iterable[Node]:
        text, gaps = node.render_token_list(node.singular)
        if node.plural or node.asvar or node.message_context or not set(gaps) <= set(node.extra_context):
            return [node]
        return self._filled(translation.gettext(text), node.extra_context)

    def _filled(self, sentence: str, values: dict[str, FilterExpression]) -> Iterator[Node]:
        for number, piece in enumerate(_GAP.split(sentence)):
            yield VariableNode(values[piece]) if number % 2 else TextNode(piece.replace("%%", "%"))


def _sets_nothing(nodes: NodeList) -> bool:
    return all(isinstance(node, TextNode | VariableNode) for node in nodes)


def _joined(nodes: Iterable[Node]) -> Iterator[Node]:
    """Texts that stand beside each other become one."""
    for is_text, alike in groupby(nodes, key=lambda node: isinstance(node, TextNode)):
        if is_text:
            yield TextNode("".join(node.s for node in alike))  # type: ignore[attr-defined]
        else:
            yield from alike
