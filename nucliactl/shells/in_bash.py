"""The function of bash that keeps the name of the active profile, as text; see `prompt.py`."""

FUNCTION = r"""# In ~/.bashrc:
#     eval "$(SET_UP)"
#     PS1='${nucliactl_ps1:+($nucliactl_ps1) }\w \$ '
nucliactl_ps1=''
__nucliactl_seen=''

# Put what the shell knows of a file into `flags`, and what it holds, at most 64 KiB, into REPLY.
__nucliactl_file() {
    REPLY='' flags=''
    [[ -e $1 || -L $1 ]] || return 0
    flags=$1:
    [[ -L $1 ]] && flags+=L
    [[ -O $1 ]] && flags+=O
    [[ -d $1 ]] && flags+=d
    [[ -f $1 && -r $1 ]] && { flags+=r; { IFS= read -r -N 65536 REPLY < "$1"; } 2> /dev/null; }
    flags+=$'\n'
}

# Append what a .env, the text in REPLY, says of ours, and which quotes its other lines have.
__nucliactl_dotenv() {
    local IFS=$'\n' line name ours='' others=''
    for line in $REPLY; do
        name=${line%%=*}
        case $name in
            *NUCLIA*|*NUA_*|*ARAG_*)
                case $name in
                    *KEY*|*TOKEN*|*SERVICEACCOUNT*|*PASSWORD*) line="$name=${#line}${line//[!\"\'\#\\]/}" ;;
                    *PROFILE*) words+=" ${line#*=}" ;;
                esac
                ours+="$line"$'\n' ;;
            *[\"\']*) others+=${line//[!\"\']/} ;;
        esac
    done
    [[ -n $ours ]] && seen+=$flags$ours$others here=$PWD
}

# Append the words of the official client's file, of long ones (tokens) the length only.
__nucliactl_official() {
    local IFS=$'"{}[],:/ \t\n' word
    __nucliactl_file "${HOME-}/.nuclia/config"
    seen+=$flags
    for word in $REPLY; do
        if (( ${#word} < 40 )); then seen+="$word,"; else seen+="${#word},"; fi
    done
}

# Collect in `seen` all that decides which profile is active.
__nucliactl_look() {
    local IFS=$' \t\n' name value file up=. here='' marks='' words=${NUCLIA_PROFILE-}
    local store active dir word dirs flags
    for name in HOME XDG_CONFIG_HOME BASE_NUCLIA_DOMAIN "${!NUCLIA@}" "${!NUA_@}" "${!ARAG_@}"; do
        value=${!name-}
        case $name in
            *_FILE) [[ -s $value ]] && value+=+ ;;
            *KEY*|*TOKEN*|*SERVICEACCOUNT*|*PASSWORD*|NUCLIA_PROFILES_URL) value=${#value} ;;
        esac
        seen+="$name[${!name@a}]=$value"$'\n'
    done
    if [[ -n ${NUCLIA_CONFIG_DIR-} ]]; then store=$NUCLIA_CONFIG_DIR
    elif [[ ${XDG_CONFIG_HOME-} == /* ]]; then store=$XDG_CONFIG_HOME/nucliactl
    else store=${HOME-}/.config/nucliactl; fi
    for file in "$store/config.toml" /etc/nucliactl/config.toml "$store/active.json"; do
        __nucliactl_file "$file"
        seen+=$flags$REPLY
    done
    active=$REPLY
    while :; do
        for file in .git .hg .svn .jj; do
            [[ -e $up/$file || -L $up/$file ]] && marks+=$up/$file
        done
        __nucliactl_file "$up/.env"
        __nucliactl_dotenv
        __nucliactl_file "$up/.nuclia-profile"
        [[ -n $flags ]] && seen+=$flags$REPLY words+=" $REPLY" here=$PWD
        [[ $up -ef $up/.. || ! -d $up/.. ]] && break
        up+=/..
    done
    [[ -n $here ]] && seen+=$here:$marks
    [[ $active == *'"current": "'* ]] || __nucliactl_official
    IFS=:
    dirs=("$store/profiles" ${NUCLIA_PROFILES_PATH-} /etc/nucliactl/profiles)
    IFS=$' \t\r\n,:="\'{}'
    for word in ${words:0:4096} $active; do
        [[ $word == *[!a-z0-9._-]* ]] && continue
        for dir in "${dirs[@]}"; do
            [[ -e $dir/$word.toml ]] && seen+="$dir/$word"$'\n'
        done
    done
}

__nucliactl_prompt() {
    local status=$? seen='' REPLY=''
    [[ $- == *e* ]] && status=0
    if (( BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] < 404 )); then
        nucliactl_ps1=$(command ASK 2> /dev/null < /dev/null) || :
        return "$status"
    fi
    local -
    set -f +e +u +x
    __nucliactl_look || :
    if [ "$seen" != "$__nucliactl_seen" ]; then
        __nucliactl_seen=''
        nucliactl_ps1=''
        if command -v nucliactl > /dev/null; then
            nucliactl_ps1=$(command ASK 2> /dev/null < /dev/null) && __nucliactl_seen=$seen
            nucliactl_ps1=${nucliactl_ps1//[[:cntrl:]]/}
        fi
    fi
    return "$status"
}

case ${PROMPT_COMMAND[*]-} in
    *__nucliactl_prompt*) ;;
    *) PROMPT_COMMAND="__nucliactl_prompt${PROMPT_COMMAND:+;$PROMPT_COMMAND}" ;;
esac
"""
