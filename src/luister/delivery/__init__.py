"""Raw intake, cursors and the outbox; the only importer of connectors."""
