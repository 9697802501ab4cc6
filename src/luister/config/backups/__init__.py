"""Backups: database and files in one archive, made under load, proven, and put back with sending locked."""
