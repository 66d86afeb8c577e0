"""One resolved credential, handed to other programs: as variables, in a format, or by starting one."""
