"""Reads of posts: searching them."""
