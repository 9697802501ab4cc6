"""What can be done with endpoints, and what workers do for them."""
