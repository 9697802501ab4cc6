"""Everything that changes tokens and keeps answers, one function a verb."""
