"""python -m export.web_server --folder=artifacts/web: the page, on this machine alone.

Any server of static files will do. This one isolates the page from others, without which a
browser gives it no threads, and tells the type of .wasm.
"""

import functools
import http.server
from pathlib import Path

from absl import flags

from zoo import cli
from zoo.cli import UserError

FLAGS = flags.FLAGS


class Handler(http.server.SimpleHTTPRequestHandler):
    extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {
        ".js": "text/javascript",
        ".wasm": "application/wasm",
    }

    def end_headers(self):
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.send_header("Cache-Control", "no-cache")  # the next export is seen at once
        super().end_headers()

    def log_message(self, *arguments):
        pass


def serve(folder: Path, port: int) -> http.server.ThreadingHTTPServer:
    """A server on localhost, not yet running; port 0 takes a free one."""
    handler = functools.partial(Handler, directory=str(folder))
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), handler)


def main() -> None:
    folder = Path(FLAGS.folder)
    if not (folder / "models.json").exists():
        raise UserError(
            f"{folder} is no page: no models.json; make one by `python -m export --web`"
        )
    with serve(folder, FLAGS.port) as server:
        print(f"http://localhost:{server.server_port}/ (Ctrl+C ends it)", flush=True)
        server.serve_forever()


def console() -> None:
    flags.DEFINE_string("folder", "artifacts/web", "What --web has written.")
    flags.DEFINE_integer("port", 8000, "On localhost; 0 takes a free one.", 0, 65535)
    cli.run(main)


if __name__ == "__main__":
    console()
