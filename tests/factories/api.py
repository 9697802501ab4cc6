"""Tokens of the API, and the answers that are kept for them."""

from factory import LazyAttribute, LazyFunction, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory

from luister.api import models
from luister.api.enums import SCOPES
from luister.base.ids import token_digest
from tests.factories.accounts import MembershipFactory
from tests.factories.base import NOW


class TokenFactory(DjangoModelFactory):
    """Its text is `luister_test-` and its number; `text` says another one."""

    class Meta:
        model = models.Token

    class Params:
        text = Sequence("luister_test-{}".format)

    member = SubFactory(MembershipFactory)
    workspace = SelfAttribute("member.workspace")
    name = Sequence("programma {}".format)
    prefix = LazyAttribute(lambda made: made.text[:14])
    digest = LazyAttribute(lambda made: token_digest(made.text))
    scopes = LazyFunction(lambda: list(SCOPES))
    created_at = NOW


class KeptAnswerFactory(DjangoModelFactory):
    class Meta:
        model = models.KeptAnswer

    token = SubFactory(TokenFactory)
    workspace = SelfAttribute("token.workspace")
    key = Sequence("sleutel-{}".format)
    request_digest = "0" * 64
    status = 201
    content = "{}"
    at = NOW
