#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# bash completes commands, options, actions and readers' names; zsh and fish, where they are
# installed, read their files.
# shellcheck source=tests/client/common.sh
. "$(dirname "$0")/common.sh"
export PATH=$build_dir/src/cli:$PATH WINSCARD_READERS='soft:?count=2' WINSCARD_CARRIER=local
# shellcheck source=packaging/completions/scard
. "$source_dir/packaging/completions/scard"

# completes WANTED WORD...: the last word is the one that is being typed.
completes()
{
    local wanted=$1
    shift
    COMP_WORDS=("$@")
    COMP_CWORD=$(($# - 1))
    _scard
    expect "$*" "$(printf '%s\n' "${COMPREPLY[@]}")" "$wanted"
}
completes '^doctor$' scard d
completes '^control$' scard help c
completes '^--exclusive$' scard apdu --ex
completes '^--cold$' scard reset --
completes '^--mask$' scard db add --m
completes '^remove-group$' scard db rem
completes '^WinSCard\\ Software\\ Card\\ 0' scard apdu win
completes '^WinSCard' scard list --reader ""
completes '^t1$' scard apdu --protocol t
[ "${#COMPREPLY[@]}" -eq 2 ]

# Every shell has every command.
commands=$(sed -nE 's/^ *commands="(.*)"/\1/p' "$source_dir/packaging/completions/scard")
for command in $commands; do
    [ "$command" = help ] || expect "help" "$(scard --help)" "^  $command "
done
if command -v zsh >/dev/null; then
    zsh -n "$source_dir/packaging/completions/_scard"
    checks=$((checks + 1))
fi
if command -v fish >/dev/null; then
    load="source '$source_dir/packaging/completions/scard.fish'"
    out=$(fish -c "$load; complete -C 'scard doc'")
    expect "fish" "$out" '^doctor'
    out=$(fish -c "$load; complete -C 'scard apdu --ex'")
    expect "fish, options" "$out" '^--exclusive'
fi
done_with completion
