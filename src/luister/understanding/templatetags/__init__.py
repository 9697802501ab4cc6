"""Template tags of understanding."""
