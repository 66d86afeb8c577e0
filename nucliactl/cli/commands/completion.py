"""`nucliactl completion`: the set-up of completion for a shell."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser

SHELLS = ("bash", "zsh", "fish")


def parser(path: tuple[str, ...]) -> Parser:
    examples = ["nucliactl completion bash", "nucliactl completion fish"]
    summary = (
        'print what sets completion up; add to your shell\'s start file: eval "$(nucliactl completion bash)"'
    )
    made = new_parser(path, summary, examples)
    made.add_argument("shell", choices=SHELLS, help="bash, zsh or fish (there: … | source)")
    return made


def run(args: Arguments) -> int:
    from argcomplete.shell_integration import shellcode

    print(shellcode(["nucliactl"], shell=args.shell))
    return 0
