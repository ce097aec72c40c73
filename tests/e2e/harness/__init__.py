"""What the end-to-end tests share: the binary in isolated folders, the engine, the real stores, and the canary check."""
