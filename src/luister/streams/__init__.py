"""Matching streams of posts on a NATS server: reading, storing, spreading monitors, and how matchers are doing."""
