"""What is listened to without being ours: sources, and how they are doing."""
