"""`nucliactl completion`: the set-up of completion for a shell."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser

SHELLS = ("bash", "zsh", "fish")
_REGISTER = """if (( ${+functions[compdef]} )); then
            REGISTER
        else
            __nucliactl_register() {
                (( ${+functions[compdef]} )) && REGISTER
                add-zsh-hook -d precmd __nucliactl_register
                unfunction __nucliactl_register
            }
            autoload -Uz add-zsh-hook && add-zsh-hook precmd __nucliactl_register
        fi"""


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl completion bash", "nucliactl completion fish")
    made.add_argument("shell", choices=SHELLS, help="bash, zsh or fish (there: … | source)")
    return made


def run(args: Arguments) -> None:
    from nucliactl.cli.completion import set_up

    code = set_up(args.shell)
    print(_registered_late(code) if args.shell == "zsh" else code)


def _registered_late(code: str) -> str:
    """Let zsh's code wait for the completion system: a start file may begin that (`compinit`) after it."""
    register = next(line.strip() for line in code.splitlines() if line.strip().startswith("compdef "))
    return code.replace(register, _REGISTER.replace("REGISTER", register))
