"""`nucliactl profile edit`: a definition in the person's editor, checked before it is saved."""

import os

from nucliactl.cli import shapes
from nucliactl.cli.arguments import Arguments, Parser, add_profile_argument, new_parser
from nucliactl.cli.context import sources_from, the_profile
from nucliactl.cli.editor import Draft
from nucliactl.cli.output import emit_data, note, note_left
from nucliactl.errors import NucliactlError
from nucliactl.model.names import check_name
from nucliactl.profiles.edit import edit

_WAIT = "an editor with a window of its own has to wait for you, for example: EDITOR='code --wait'"


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "EDITOR=true nucliactl profile edit handbook")
    add_profile_argument(made, default=None)
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    name = check_name(the_profile(args))
    draft = Draft(f"{name}.toml")
    try:
        changed = edit(sources, name, lambda before: draft.edited(before, os.environ))
    except NucliactlError as error:
        if draft.drop_unless_changed():
            error.hint = " ".join(filter(None, (error.hint, f"Your text is kept in {draft.path}.")))
        raise
    except KeyboardInterrupt:
        if draft.drop_unless_changed():
            note(f"your text is kept in {draft.path}")
        raise
    except BaseException:  # a signal to us alone: the editor is at work still
        note(f"your text is kept in {draft.path}")
        raise
    if draft.is_changed():
        note(f"{name} is valid and saved ({changed.where})")
    else:
        note(f"nothing changed: {name} is as it was ({_WAIT})")
    draft.drop()
    for warning in changed.definition.warnings:
        note(f"{changed.definition.source.location}: {warning}")
    note_left(changed.left)
    emit_data(args, shapes.changed(changed))
