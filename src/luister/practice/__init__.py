"""The practice network: a small social network to try things on."""
