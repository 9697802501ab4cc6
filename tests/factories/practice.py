"""The practice network, which serves the whole installation: nothing of it lies in a workspace."""

from factory import Sequence, SubFactory
from factory.django import DjangoModelFactory

from luister.practice import models
from tests.factories.base import NOW


class PracticeAccountFactory(DjangoModelFactory):
    class Meta:
        model = models.Account

    handle = Sequence("oefenaar{}".format)
    name = Sequence("Oefenaar {}".format)
    created_at = NOW


class PracticePostFactory(DjangoModelFactory):
    class Meta:
        model = models.Post

    author = SubFactory(PracticeAccountFactory)
    text = Sequence("Waar blijft mijn koffer? ({})".format)
    created_at = NOW


class PracticePictureFactory(DjangoModelFactory):
    class Meta:
        model = models.Picture

    post = SubFactory(PracticePostFactory)
    name = "koffer.png"
    content_type = "image/png"
    content = b"\x89PNG\r\n\x1a\n"


class PracticeEventFactory(DjangoModelFactory):
    class Meta:
        model = models.Event

    brand = SubFactory(PracticeAccountFactory, is_brand=True)
    kind = "post"
    post = SubFactory(PracticePostFactory)
    created_at = NOW


class PracticeFaultsFactory(DjangoModelFactory):
    class Meta:
        model = models.Faults
