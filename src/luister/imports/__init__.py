"""Posts and cases from files: recognised, mapped, tried, and stored part by part."""
