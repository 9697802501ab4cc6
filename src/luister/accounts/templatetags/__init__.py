"""Template tags of people and walls."""
