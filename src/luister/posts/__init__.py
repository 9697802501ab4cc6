"""Every post, its author and attachments."""
