"""Changes of monitors and of what they found."""
