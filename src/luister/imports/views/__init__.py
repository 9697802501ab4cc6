"""Pages of Settings › Imports."""
