"""Whose certificates are believed.

SSLKEYLOGFILE is never obeyed. What the system trusts (and SSL_CERT_FILE, as OpenSSL has it) counts where a
person chose ``trust = "system"``; those contexts come from truststore.
"""

from __future__ import annotations

import ssl

from cort_desktop.domain.network import Network


class AuthoritiesError(Exception):
    """The file of further certificate authorities can't be used."""


def trusted_tls(network: Network | None = None) -> ssl.SSLContext:
    """TLS 1.2 or newer, certificates checked against certifi's list or the system's, and the person's own
    file. Raises AuthoritiesError when that can't be read.
    """
    network = network or Network()
    context = _system() if network.trust == "system" else _bundled()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if network.ca_file:
        try:
            context.load_verify_locations(cafile=network.ca_file)
        except (OSError, ssl.SSLError) as error:
            is_unread = error.errno and not isinstance(error, ssl.SSLError)
            why = error.strerror if is_unread else "it holds none in PEM"
            raise AuthoritiesError(f"the certificates of ca_file {network.ca_file}: {why}") from error
    context.set_alpn_protocols(["http/1.1"])
    return context


def _bundled() -> ssl.SSLContext:
    import certifi

    # Not ssl.create_default_context: it obeys SSLKEYLOGFILE.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cafile=certifi.where())
    return context


def _system() -> ssl.SSLContext:
    import truststore

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
