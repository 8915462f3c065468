"""The tests of releases. A package, so that its conftest has a name of its own."""
