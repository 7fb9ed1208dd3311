# SPDX-License-Identifier: BSD-2-Clause
# fish: the commands of scard with what they do, the actions of scard db, the options of each
# command, as it says them itself, and the names of readers.

function __scard_commands
    scard --help 2>/dev/null | string replace -rf '^  ([a-z]+) +(\S.*)$' '$1\t$2'
end

function __scard_command
    set -l words (commandline -opc)
    test (count $words) -ge 2; and echo $words[2]
end

function __scard_options
    scard help (__scard_command) 2>/dev/null |
        string replace -rf '^  (?:-., )?(--[a-z0-9-]+)(?: [A-Z]\S*)? +(.*)$' '$1\t$2'
end

function __scard_uses
    contains -- (__scard_command) $argv
end

complete -c scard -f
complete -c scard -n 'test (count (commandline -opc)) -eq 1' -a '(__scard_commands)'
complete -c scard -n '__scard_uses help' -a '(__scard_commands)'
complete -c scard -n 'string match -q -- "-*" (commandline -ct)' -a '(__scard_options)'
complete -c scard -n '__scard_uses apdu status features control lend reset' \
    -a '(scard list --names 2>/dev/null)'
complete -c scard -s r -l reader -x -a '(scard list --names 2>/dev/null)'
complete -c scard -n '__scard_uses apdu' -s f -l file -rF
complete -c scard -n '__scard_uses port' -F
complete -c scard -n '__scard_uses port' -s I -l include -rF
complete -c scard -n '__scard_uses db; and test (count (commandline -opc)) -eq 2' \
    -a 'list show add remove readers groups add-reader remove-reader add-to-group
        remove-from-group remove-group import export'
complete -c scard -n '__scard_uses db; and string match -q -r "^(import|export)\$" (commandline -opc)[3]' \
    -F
