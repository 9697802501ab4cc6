"""What the API answers: routes by area, the shapes of what goes in and out, and what stands before them all."""
