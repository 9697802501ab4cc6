"""How well Luister does on real data, which is not part of the project: `make eval DATA=FOLDER`."""
