"""What stands around a model server: its bundle of settings, and the client's side."""
