# SPDX-License-Identifier: BSD-2-Clause
# Turns items.list into a C source whose data are the items of one peer, and their names.
#
#   awk -v peer=W -v side=ask|state -v names=FILE -f probe.awk items.list > probe.c
#
# side=ask asks the headers that the source is compiled with; side=state writes what the
# list itself says (the peers D and P). Every item becomes a pair: is it there, its value.

function pair(name, value)
{
    print name > names
    count++
    if (side == "state")
        pairs = pairs "    1, (long long)(" stated ") ,\n"
    else
        pairs = pairs "    1, (long long)(" value "),\n"
}

function constant(name)
{
    print "value " name > names
    count++
    pairs = pairs "#ifdef " name "\n    1, (long long)(" name "),\n"
    pairs = pairs "#else\n    0, 0,\n#endif\n"
}

# "1" where both are compatible types; pointers make it work for every type.
function same(name, left, right)
{
    stated = 1
    pair(name, "_Generic((__typeof__(" left ") *)0, " \
               "__typeof__(" right ") *: 1, default: 0)")
}

function item(line,    field, n, i, kind, name, rest, part)
{
    n = split(line, field, /[ \t]+/)
    if (n == 0 || index(field[2], peer) == 0)
        return
    kind = field[1]
    name = field[3]
    rest = line
    sub(/^[a-z]+[ \t]+[A-Z]+[ \t]+[^ \t]+[ \t]*/, "", rest)
    if (kind == "value") {
        for (i = 3; i <= n; i++)
            constant(field[i])
    } else if (kind == "number") {
        stated = rest
        pair("number " name, name)
    } else if (kind == "type") {
        for (i = 3; i <= n; i++) {
            pair("size of " field[i], "sizeof(" field[i] ")")
            pair("sign of " field[i], "((" field[i] ")-1 < (" field[i] ")1)")
        }
    } else if (kind == "struct") {
        pair("size of " name, "sizeof(" name ")")
        for (i = 4; i <= n; i++) {
            part = field[i]
            if (!sub(/\[\]$/, "", part))
                pair("size of " name "." part, "sizeof(((" name " *)0)->" part ")")
            pair("offset of " name "." part, "offsetof(" name ", " part ")")
        }
    } else if (kind == "same") {
        same("type of " name, name, rest)
    } else if (kind == "call") {
        if (split(rest, part_of, /[ \t]*\|[ \t]*/) != 3) {
            print "probe.awk: cannot read: " line > "/dev/stderr"
            exit failed = 1
        }
        same("type of " name, "&" name, part_of[2] " (WINAPI *)(" part_of[3] ")")
    } else if (kind == "text") {
        pair("size of " name, "sizeof(" name ")")
        texts = texts "    {" name "},\n"
        print "text " name > (names ".texts")
    } else {
        print "probe.awk: cannot read: " line > "/dev/stderr"
        exit failed = 1
    }
}

/^#/ { next }
/^[ \t]/ { sub(/^[ \t]+/, " "); pending = pending $0; next }
{ item(pending); pending = $0 }

END {
    if (failed)
        exit 1
    item(pending)
    printf "" > (names ".texts")
    print "#include \"prologue.h\""
    print "__attribute__((section(\".probe\"), used)) const long long probe[] = {"
    print pairs "};"
    if (texts != "") {
        print "__attribute__((section(\".text_\"), used))"
        print "const PROBE_CHAR probe_texts[][24] = {"
        print texts "};"
    }
}
