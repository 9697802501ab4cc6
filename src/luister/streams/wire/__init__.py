"""Talking to the server of a stream (NATS JetStream); no Django here.

Source: NATS JetStream 2.9, docs.nats.io/nats-concepts/jetstream and .../reference/nats-protocol (checked 2026-11).
"""
