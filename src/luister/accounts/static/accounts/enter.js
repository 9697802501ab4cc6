// Presses the button of a one-time link. What follows links without running scripts does not use the link up.
document.getElementById("enter")?.requestSubmit();
