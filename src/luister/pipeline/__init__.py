"""What happens to a post that comes in, in order."""
