"""Trains the models of luister.text: make train DATA=FOLDER."""
