"""Pages and API of the practice network; they exist only where LUISTER_PRACTICE is on."""
