"""What every page is made of: base templates, components, helpers, the browser side of live events."""
