"""What WHIP and WHEP clients in Python share: arguments, the exchange of descriptions, and telling the test what happens.

Each speaks to its test in lines of JSON with an `event`; the end of its standard input tells it to end its session.
"""
import argparse
import json
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

# Side of a square of the time code in a generated scene, and squares in its first row.
SQUARE, SQUARES = 16, 32


class Refused(Exception):
    """The server answered with something else than 201."""

    def __init__(self, status, body):
        super().__init__(status)
        self.status = status
        self.body = body


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("role", choices=["whip", "whep"])
    parser.add_argument("url")
    parser.add_argument("--codec", choices=["H264", "VP8"], default="H264")
    parser.add_argument("--token")
    return parser.parse_args()


def say(event, **what):
    print(json.dumps({"event": event, **what}), flush=True)


class Session:
    """A WHIP or WHEP session on the server's side."""

    def __init__(self, url, token):
        self.url = url
        self.headers = {} if token is None else {"Authorization": "Bearer " + token}
        self.location = None

    def open(self, offer):
        """Returns the answer; raises Refused."""
        request = urllib.request.Request(self.url, offer.encode(), {"Content-Type": "application/sdp", **self.headers}, method="POST")
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                if response.status != 201:
                    raise Refused(response.status, "")
                self.location = urllib.parse.urljoin(self.url, response.headers["Location"])
                answer = response.read().decode()
        except urllib.error.HTTPError as error:
            raise Refused(error.code, error.read().decode()) from error
        say("opened", location=self.location)
        return answer

    def end(self):
        """Says goodbye, and says how that was taken."""
        request = urllib.request.Request(self.location, None, self.headers, method="DELETE")
        try:
            with urllib.request.urlopen(request, timeout=10) as response:
                say("deleted", status=response.status)
        except urllib.error.HTTPError as error:
            say("deleted", status=error.code)


def say_refused(refusal):
    try:
        code = json.loads(refusal.body).get("code")
    except ValueError:
        code = None
    say("refused", status=refusal.status, code=code)


def say_picture(luma, stride, width, height):
    """Tells of a picture: its size, and the number of the frame that is drawn into it."""
    row = SQUARE // 2 * stride
    bits = [luma[row + i * SQUARE + SQUARE // 2] > 125 for i in range(min(SQUARES, width // SQUARE))]
    say("picture", width=width, height=height, seq=sum(1 << i for i, bit in enumerate(bits) if bit))


def when_told_to_end(callback):
    """Calls back, on a thread of its own, at the end of standard input."""

    def wait():
        sys.stdin.read()
        callback()

    threading.Thread(target=wait, daemon=True).start()
