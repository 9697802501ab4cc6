"""Migrations that old and new processes cannot run beside are refused, and those that they can are not."""

import pytest
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.migrations.state import ProjectState

from tools.migrations import check, findings, imports

ID, WORD = models.BigAutoField(primary_key=True), models.CharField(max_length=10)
COUNTED = migrations.CreateModel("Counted", [("id", ID), ("word", WORD), ("note", models.TextField(null=True))])


def found_in(*operations, apart=True):
    """Return what is said of operations, on a table of an earlier migration or of this one."""
    state = ProjectState()
    if apart:
        COUNTED.state_forwards("posts", state)
    migration = migrations.Migration("0099_later", "posts")
    migration.operations = list(operations) if apart else [COUNTED, *operations]
    return list(findings(migration, state))


def add(field):
    return migrations.AddField("counted", "new", field)


def alter(field, name="word"):
    return migrations.AlterField("counted", name, field)


INDEX = models.Index(fields=["word"], name="counted_word")
CHECK = models.CheckConstraint(condition=models.Q(word="x"), name="counted_check")


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (add(models.BooleanField(default=False)), "cannot add rows"),
        (add(models.IntegerField(null=True, db_index=True)), "AddIndexConcurrently"),
        (add(models.IntegerField(null=True, unique=True)), "AddIndexConcurrently"),
        (alter(models.TextField(), "note"), "not valid"),
        (alter(models.IntegerField()), "written anew"),
        (alter(models.CharField(max_length=5)), "written anew"),
        (alter(models.CharField(max_length=10, db_index=True)), "AddIndexConcurrently"),
        (migrations.RemoveField("counted", "word"), "one release earlier"),
        (migrations.RenameField("counted", "word", "term"), "one release earlier"),
        (migrations.DeleteModel("Counted"), "one release earlier"),
        (migrations.RenameModel("Counted", "Tallied"), "one release earlier"),
        (migrations.AddIndex("counted", INDEX), "nobody can write"),
        (migrations.AddConstraint("counted", CHECK), "not valid"),
        (migrations.RunSQL("ALTER TABLE posts_post ALTER text TYPE varchar"), "takes a lock"),
        (migrations.RunSQL("CREATE INDEX a ON posts_post (text)"), "takes a lock"),
        (
            migrations.SeparateDatabaseAndState(database_operations=[migrations.RemoveField("counted", "word")]),
            "one release earlier",
        ),
    ],
)
def test_unsafe_operations_are_told_with_what_to_do_instead(operation, words):
    (text,) = found_in(operation)
    assert words in text


@pytest.mark.parametrize(
    "operation",
    [
        add(models.IntegerField(null=True)),
        add(models.BooleanField(default=False, db_default=False)),
        alter(models.CharField(max_length=20)),
        alter(models.TextField()),
        alter(models.CharField(max_length=10, help_text="nieuw")),
        AddIndexConcurrently("counted", INDEX),
        migrations.CreateModel("Other", [("id", models.BigAutoField(primary_key=True))]),
        migrations.RunSQL("CREATE INDEX CONCURRENTLY a ON posts_post (text)"),
        migrations.RunPython(migrations.RunPython.noop),
    ],
)
def test_safe_operations_are_let_pass(operation):
    assert found_in(operation) == []


def test_a_table_of_this_very_migration_may_be_changed():
    assert found_in(add(models.BooleanField(default=False)), migrations.AddIndex("counted", INDEX), apart=False) == []


def test_rows_are_not_changed_beside_tables():
    (text,) = found_in(migrations.RunPython(migrations.RunPython.noop), add(models.IntegerField(null=True)))
    assert "migration of its own" in text


def test_application_code_is_not_imported():
    assert len(list(imports("from luister.posts.models import Post\nimport luister.base\n"))) == 2
    assert list(imports("from django.db import models\nimport re\n")) == []


def test_our_migrations_are_safe():
    assert list(check()) == []
