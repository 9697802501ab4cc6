"""Settings › Channels and what could not be processed, and the first steps in an empty workspace."""
