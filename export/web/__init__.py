"""The web page that runs LiteRT files in a browser."""
