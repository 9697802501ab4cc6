"""Pages of Settings › API."""
