"""The open data interface: published stories, sections, topics and authors as JSON, for reading only."""
