"""The second fence around workspaces: row-level security in PostgreSQL, and whose rows the running code may reach.

`scope` says which workspace is at work, `base` is the database backend that tells PostgreSQL so with each transaction,
`ways` knows how every table belongs to a workspace, and `policies` puts that into the database. See ADR 14.
"""
