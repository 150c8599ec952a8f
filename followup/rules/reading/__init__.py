"""What a reply means: text in, a reading out."""
