"""What people and the pipeline do with cases: one function a verb."""
