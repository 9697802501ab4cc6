"""The pages of sources, monitors and mentions."""
