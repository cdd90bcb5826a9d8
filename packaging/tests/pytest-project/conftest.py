# The suite's plugin: `pytest --target ./my-verifier` runs its cases against our verifier; plain `pytest` our own tests.
pytest_plugins = ["cbv_conformance.plugin"]
