"""Outgoing webhooks: who is told what happens in a workspace, each event as a delivery that is signed and retried."""
