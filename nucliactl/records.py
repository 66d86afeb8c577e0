"""The log of this package. Its records are printable, as what the command says is: a directory's name
must neither steer a terminal nor forge a line."""

import logging

from nucliactl.errors import LONGEST
from nucliactl.text import printable


def _made_printable(record: logging.LogRecord) -> bool:
    record.msg, record.args = printable(record.getMessage(), LONGEST), ()
    return True


log = logging.getLogger("nucliactl")
log.addFilter(_made_printable)
