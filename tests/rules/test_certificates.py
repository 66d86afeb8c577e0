"""Which certificates are trusted."""

import os
from pathlib import Path

import certifi
import pytest

from nucliactl.http.certificates import trusted_context


def test_certificates_are_read_again_when_their_file_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, other = tmp_path / "ca.pem", tmp_path / "other.pem"
    whole = Path(certifi.where()).read_text()
    one = whole[: whole.index("-----END CERTIFICATE-----") + 26]
    file.write_text(whole)
    other.write_text(one)
    info = file.stat()
    os.utime(other, ns=(info.st_atime_ns, info.st_mtime_ns))  # as `touch -r` and `cp -p` do
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    context = trusted_context()
    assert trusted_context() is context and len(context.get_ca_certs()) > 1
    other.replace(file)
    assert len(trusted_context().get_ca_certs()) == 1
