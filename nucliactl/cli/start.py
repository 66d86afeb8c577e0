"""The entry point: what a person breaks off before it has begun ends as silently as later."""

import gc


def program() -> int:
    """Run the command line of this process, which ends with it; return its exit code. Cycles of garbage are
    hardly looked for: a command ends before there are many, and its end frees them all."""
    gc.set_threshold(100_000)
    try:
        from nucliactl.cli.main import main

        code = main()
    except KeyboardInterrupt:  # while it was loaded, or on its way out
        code = 130
    gc.freeze()
    return code
