"""What the inbox shows: lists, one case, and what surrounds it. Always for a member."""
