"""What may be read of endpoints and of what they are told."""
