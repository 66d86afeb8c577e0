"""The function of fish that keeps the name of the active profile, as text; see `prompt.py`."""

FUNCTION = r"""# In ~/.config/fish/config.fish:
#     SET_UP | source
#     function fish_prompt; echo -n "$nucliactl_ps1 "(prompt_pwd)'> '; end
set -g nucliactl_ps1 ''
set -g __nucliactl_seen ''

# Print what the shell knows of a file, and then what it holds.
function __nucliactl_file
    test -e $argv[1]; or test -L $argv[1]; or return
    echo -n $argv[1]
    test -L $argv[1]; and echo -n L
    test -O $argv[1]; and echo -n O
    test -d $argv[1]; and echo -n d
    if test -f $argv[1]; and test -r $argv[1]
        read -lz text < $argv[1] 2> /dev/null
        echo r
        string sub -l 65536 -- $text
    end
end

# Print what the lines of a .env, given, say of ours, and which quotes the others have.
function __nucliactl_dotenv
    for line in $argv
        if string match -qr '^[^=]*(NUCLIA|NUA_|ARAG_)' -- $line
            if string match -qr '^[^=]*(KEY|TOKEN|SERVICEACCOUNT|PASSWORD)' -- $line
                string match -r '^[^=]*' -- $line
                string length -- $line
                string replace -ar '[^"\'#\\\\]' '' -- $line
            else
                echo $line
            end
        else
            string replace -ar '[^"\']' '' -- $line
        end
    end
end

# Print the value of a variable as far as it matters, and whether it is exported.
function __nucliactl_variable
    set -l value $$argv[1]
    switch $argv[1]
        case '*_FILE'
            test -s "$value"; and set -a value +
        case '*KEY*' '*TOKEN*' '*SERVICEACCOUNT*' '*PASSWORD*' NUCLIA_PROFILES_URL
            set value (string length -- "$value")
    end
    echo $argv[1] (set -qx $argv[1]; and echo x) "$value"
end

# Print all that decides which profile is active.
function __nucliactl_look
    for name in HOME XDG_CONFIG_HOME BASE_NUCLIA_DOMAIN (set -n | string match -r '^(?:NUCLIA|NUA_|ARAG_).*')
        __nucliactl_variable $name
    end
    set -l store "$HOME"/.config/nucliactl
    string match -q '/*' -- "$XDG_CONFIG_HOME"; and set store $XDG_CONFIG_HOME/nucliactl
    test -n "$NUCLIA_CONFIG_DIR"; and set store $NUCLIA_CONFIG_DIR
    set -l active (__nucliactl_file $store/active.json)
    __nucliactl_file $store/config.toml
    __nucliactl_file /etc/nucliactl/config.toml
    string join \n -- $active
    set -l words $NUCLIA_PROFILE
    set -l here
    set -l marks
    set -l dir (pwd -P 2> /dev/null)
    while string match -q '/*' -- $dir
        for mark in .git .hg .svn .jj
            test -e $dir/$mark; or test -L $dir/$mark; and set -a marks $dir/$mark
        end
        set -l dotenv (__nucliactl_file $dir/.env)
        if string match -qr '^[^=]*(NUCLIA|NUA_|ARAG_)' -- $dotenv[2..]
            echo $dotenv[1]
            __nucliactl_dotenv $dotenv[2..]
            set here $PWD
            set -a words (string match -r '^[^=]*NUCLIA_PROFILE[^=]*=.*' -- $dotenv[2..])
        end
        set -l pin (__nucliactl_file $dir/.nuclia-profile)
        if set -q pin[1]
            string join \n -- $pin
            set -a words $pin[2..]
            set here $PWD
        end
        test $dir = /; and break
        set dir (string replace -r '/[^/]*$' '' -- $dir)
        test -n "$dir"; or set dir /
    end
    test -n "$here"; and echo $here $marks
    if not string match -q '*"current": "*' -- $active
        __nucliactl_file "$HOME"/.nuclia/config | string replace -ar '[^"{}\[\],:/ ]{40,}' '*'
    end
    set -l dirs $store/profiles (string split : -- "$NUCLIA_PROFILES_PATH") /etc/nucliactl/profiles
    set words (string join ' ' -- $words | string sub -l 4096)
    for word in (string match -ar '[a-z0-9._-]+' -- $words $active)
        for dir in $dirs
            test -e $dir/$word.toml; and echo $dir/$word
        end
    end
end

function __nucliactl_prompt --on-event fish_prompt
    set -l seen (__nucliactl_look | string collect)
    test "$seen" = "$__nucliactl_seen"; and return
    set -g __nucliactl_seen ''
    set -g nucliactl_ps1 ''
    if command -sq nucliactl
        set -g nucliactl_ps1 (command ASK 2> /dev/null < /dev/null)
        and set -g __nucliactl_seen $seen
        set -g nucliactl_ps1 (string replace -ar '[[:cntrl:]]' '' -- $nucliactl_ps1)
    end
end
"""
