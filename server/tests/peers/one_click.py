"""Unsubscribes by the header fields of a message, with other people's libraries.

    one_click.py request FORM AUTHORITY    listunsub reads the message on standard input and makes
                                           the request, as `multipart` or `urlencoded`
    one_click.py client PORT DOMAIN        inboxsweeper looks into a mailbox for mail of a domain
                                           and unsubscribes by itself
"""

import email
import http.client
import imaplib
import ssl
import sys
import urllib.parse

import inboxsweeper
import listunsub


def request(form, authority):
    message = email.message_from_binary_file(sys.stdin.buffer)
    header = listunsub.parse_header(message["List-Unsubscribe"], strict=True)
    post = message["List-Unsubscribe-Post"]
    action = listunsub.choose(header, post, dkim_verified=True)
    assert action.kind == "one-click", action
    asked = listunsub.one_click_request(action.uri, form=form)
    parts = urllib.parse.urlsplit(asked.url)
    trusted = ssl.create_default_context(cafile=authority)
    wire = http.client.HTTPSConnection(parts.hostname, parts.port, context=trusted)
    wire.request(asked.method, parts.path, asked.body, asked.headers)
    print(wire.getresponse().status)


def client(port, domain):
    mailbox = imaplib.IMAP4_SSL("localhost", int(port))
    mailbox.login("replies", "wonder")
    mailbox.select("INBOX", readonly=True)
    # How it remembers where it is connected to.
    mailbox._prov, mailbox._mailbox = "yahoo", "INBOX"
    inboxsweeper.cmd_unsub_run(mailbox, domain, "mira@example.com", "")


if __name__ == "__main__":
    {"request": request, "client": client}[sys.argv[1]](*sys.argv[2:])
