"""Publish a release to a hub, a folder or an object store."""
