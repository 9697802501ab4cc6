"""Connected accounts: purpose, owner, publicness, secrets, health."""
