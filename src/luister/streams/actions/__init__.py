"""Everything that matchers write, one function a verb."""
