"""The query language: what a query says, what a post is to it, and whether one finds the other. Pure Python."""
