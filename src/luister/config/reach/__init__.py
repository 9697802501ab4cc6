"""PostgreSQL as a web process reaches it: its pages wait for a database that is away a few seconds, and no longer."""
