"""What people mean by their posts, as the machine understands it, and what people say of that."""
