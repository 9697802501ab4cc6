"""Tells where a channel's posts were said; until now that was what its kind says."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("channels", "0001_first_tables")]
    operations: ClassVar[list[object]] = [
        migrations.AddField("channel", "network", models.CharField(max_length=30, default=""), preserve_default=False),
        migrations.RunSQL("UPDATE channels_channel SET network = kind", migrations.RunSQL.noop),
    ]
