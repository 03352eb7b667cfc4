"""A conformance checker for the QuickSync Chats API."""

__version__ = "0.1.0"
