"""What people fill in at the desk, read and checked."""
