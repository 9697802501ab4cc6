"""What is listened to without being ours: sources, monitors, and what they find."""
