"""Cases, replies, drafts, notes, labels and presence."""
