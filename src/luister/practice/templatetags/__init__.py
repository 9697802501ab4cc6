"""Template tags of the practice network."""
