"""Pages of people and walls."""
