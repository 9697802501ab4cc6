"""A flood of posts on a desk where people work: its parts, each a process of its own."""
