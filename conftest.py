"""Loads the suite's plugin, which does nothing without --target."""

pytest_plugins = ["harness.plugin"]
