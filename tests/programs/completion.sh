#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# completion.sh SOURCE BUILD bash|zsh|fish: that shell completes commands, options, actions
# and readers' names. One that is not installed is skipped.
# shellcheck source=tests/programs/common.sh
. "$(dirname "$0")/common.sh"
shell=$3
export PATH=$build_dir/src/cli:$PATH WINSCARD_READERS='soft:?count=2' WINSCARD_CARRIER=local
if ! command -v "$shell" >/dev/null; then
    echo "skipped: $shell is not installed: Debian package $shell"
    exit 77
fi
files=$source_dir/packaging/completions
commands=$(sed -nE 's/^ *commands="(.*)"/\1/p' "$files/scard")
for command in $commands; do
    [ "$command" = help ] || expect "help" "$(scard --help)" "^  $command "
done

# completes WANTED WORD...: the last word is the one that is being typed.
completes()
{
    local wanted=$1
    shift
    expect "$shell: $*" "$("try_$shell" "$@")" "$wanted"
}

# What bash offers, one a line.
try_bash()
{
    # shellcheck source=packaging/completions/scard
    . "$files/scard"
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _scard
    printf '%s\n' "${COMPREPLY[@]}"
}

# What fish offers, one a line.
try_fish()
{
    fish --no-config -c "source '$files/scard.fish'; complete -C '$*'" | cut -f 1
}

# The last word of an interactive zsh's line after the Tab key.
try_zsh()
{
    timeout "$hang" zsh -f "$work/tab.zsh" "$files" "$*" | sed 's/.*[^\\] //'
}
cat >"$work/tab.zsh" <<'END'
zmodload zsh/zpty
zpty -b shell zsh -f -i
zpty -w shell "PS1=; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D"
zpty -w shell 'show() { print -r -- "<$BUFFER>"; BUFFER= }; zle -N show; bindkey ^X show'
zpty -w shell 'unsetopt beep; print -r -- READY$((1 + 1))'
until zpty -r shell line && [[ $line == *READY2* ]]; do sleep 0.05; done
zpty -w -n shell "$2"$'\t\x18'
until zpty -r shell line && [[ $line == *'<scard '*'>'* ]]; do sleep 0.05; done
line=${line##*'<'}
print -r -- ${${line%%'>'*}% }
zpty -d shell
END

completes '^doctor$' scard doc
completes '^control$' scard help c
completes '^--exclusive$' scard apdu --ex
completes '^--cold$' scard reset --co
completes '^--include$' scard port --inc
completes '^--mask$' scard db add --mas
completes '^remove-group$' scard db remove-g
case $shell in
bash)
    completes '^WinSCard\\ Software\\ Card\\ 0' scard apdu win
    completes '^WinSCard' scard list --reader ""
    [ "$(try_bash scard apdu --protocol t)" = $'t0\nt1' ]
    ;;
*)
    completes '^WinSCard[\\]* Software[\\]* Card' scard apdu Win
    completes '^WinSCard[\\]* Software[\\]* Card' scard list --reader Win
    completes "^$work/*$" scard apdu --file "${work%????}"
    ;;
esac
done_with "completion-$shell"
