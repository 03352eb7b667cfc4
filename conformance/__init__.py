"""A conformance checker for the QuickSync Chats API."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("chats-conformance")
except PackageNotFoundError:  # a source tree that nobody installed
    __version__ = "0+unknown"
