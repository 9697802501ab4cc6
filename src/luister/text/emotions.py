"""The emotions that texts are told to show, as far as the data carry it: Ekman's six."""

EMOTIONS = ("anger", "disgust", "fear", "joy", "sadness", "surprise")
