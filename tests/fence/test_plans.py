"""Which indexes are used behind the fence; what older versions of PostgreSQL choose for a few rows says nothing."""

import pytest
from django.db import connection

from luister.fence.scope import in_workspace
from luister.posts.models import Post
from tests.factories import PostFactory

pytestmark = [pytest.mark.usefixtures("fence"), pytest.mark.django_db]


@pytest.fixture
def own():
    """The id of a workspace with a post, beside another."""
    PostFactory()
    return PostFactory().workspace_id


def test_words_are_searched_by_their_index_behind_the_fence(own):
    """What the views are for: behind a policy PostgreSQL would read every row before it looked for a word."""
    by_words = (
        "EXPLAIN SELECT post_id FROM posts_search WHERE tokens @@ 'trein'::tsquery",
        "EXPLAIN SELECT post_id FROM posts_search WHERE strip(tokens)::text LIKE '%trein%'",
        "EXPLAIN SELECT post_id FROM posts_search WHERE addresses LIKE '%trein%'",
        "EXPLAIN SELECT identity_id FROM posts_author WHERE workspace_id = 1 AND handle LIKE 'trein%'",
    )
    with in_workspace(own), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for query in by_words:
            cursor.execute(query)
            plan = "\n".join(line for (line,) in cursor.fetchall())
            condition = next((line for line in plan.splitlines() if "Index Cond" in line), "")
            assert any(sign in condition for sign in ("@@", "~~", "~>=~")), plan


def test_list_of_a_workspace_is_read_by_its_index_behind_the_fence(own):
    with in_workspace(own), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")  # of two rows it would choose either road
        newest = Post.objects.filter(workspace_id=own).order_by("-received_at", "-pk")[:50]
        cursor.execute(f"EXPLAIN {newest.query.sql_with_params()[0]}", newest.query.sql_with_params()[1])
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "posts_newest" in plan
    assert "Sort" not in plan
