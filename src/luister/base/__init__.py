"""Pure Python ground of everything: errors, clock, ids, and the contract between connectors and the rest."""
