"""How the stand-in's two sides hear of an error."""

import grpc


class Refusal(Exception):
    """An error with gRPC's code."""

    def __init__(self, code: grpc.StatusCode, reason: str):
        super().__init__(reason)
        self.code, self.reason = code, reason
