"""A demo workspace, built through the same actions that people use."""
