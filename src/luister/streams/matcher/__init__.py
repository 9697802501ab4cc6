"""What one matcher does: read a stream, find, have what was found stored or passed on, and say how it goes."""
