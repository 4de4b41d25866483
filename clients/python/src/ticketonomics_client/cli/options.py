"""The options that all commands share."""

from typing import Annotated

import typer

Target = Annotated[
    str,
    typer.Option(
        envvar="TICKETONOMICS_TARGET",
        help="The server, as host:port. Another machine is spoken to with TLS.",
    ),
]
ApiKeyFile = Annotated[
    str,
    typer.Option(
        help="File with the API key; else TICKETONOMICS_API_KEY or TICKETONOMICS_API_KEY_FILE."
    ),
]
Economy = Annotated[
    str,
    typer.Option(
        envvar="TICKETONOMICS_ECONOMY",
        help="Which economy to read without a key; a key belongs to one.",
    ),
]
ActingFor = Annotated[
    str, typer.Option(help="Id of the person on whose behalf to call.", metavar="PERSON_ID")
]
Insecure = Annotated[
    bool, typer.Option("--insecure", help="Speak to another machine in clear text.")
]
Ca = Annotated[
    str,
    typer.Option(
        envvar="TICKETONOMICS_CA",
        metavar="FILE",
        help="PEM file of authorities to trust, instead of the system's; implies TLS.",
    ),
]
ClientCertificate = Annotated[
    str,
    typer.Option(
        envvar="TICKETONOMICS_CLIENT_CERTIFICATE",
        metavar="FILE",
        help="PEM file of a certificate to show to the server, with its key.",
    ),
]
ClientKey = Annotated[
    str,
    typer.Option(
        envvar="TICKETONOMICS_CLIENT_KEY",
        metavar="FILE",
        help="PEM file of the client certificate's private key.",
    ),
]
Timeout = Annotated[
    float, typer.Option(min=0.1, help="Seconds that a call may take, retries included.")
]
Json = Annotated[
    bool,
    typer.Option(
        "--json", help="Print JSON: one document, or a line for each message of a stream."
    ),
]
