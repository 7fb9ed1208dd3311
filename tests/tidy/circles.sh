#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# circles.sh SOURCE BUILD [MOST LARGEST]: files of the product whose objects take symbols of
# each other, at any length, cannot be read, tested or replaced one by one. Counts such
# circles and says which files they are; fails if there are more than MOST, or if one has
# more than LARGEST files.
set -euo pipefail
most=${3:-0} largest=${4:-0}
cd "$1"
build=$2
list=$(mktemp)
trap 'rm -f "$list"' EXIT

# "SOURCE T SYMBOL" for each one that an object has, "SOURCE U SYMBOL" for each that it
# takes. The objects of files that are no longer there do not count.
{
    find "$build"/src "$build"/drivers "$build"/service -name '*.c.o' -print0 2>/dev/null ||
        true
} | xargs -0 -r nm -A | awk -v build="$build/" '
    {
        object = substr($0, 1, index($0, ".c.o:") + 1)
        source = substr(object, length(build) + 1)
        sub(/CMakeFiles\/[^\/]+\.dir\//, "", source)
        if (!(source in there)) {
            there[source] = (getline line <source) >= 0
            close(source)
        }
        if (there[source] && $(NF - 1) ~ /^[A-Z]$/)
            print source, $(NF - 1) == "U" ? "U" : "T", $NF
    }' | sort -u >"$list"

awk -v most="$most" -v largest="$largest" '
    $2 == "T" { owners[$3]++; owner[$3] = $1 }
    $2 == "U" { uses[++used] = $1 " " $3 }
    { files[$1] = 1 }

    # What can be reached from a file, into reached[from, file].
    function reach(from, at,    i, parts, n, next_file) {
        n = split(takes[at], parts, " ")
        for (i = 1; i <= n; i++) {
            next_file = parts[i]
            if (!((from, next_file) in reached)) {
                reached[from, next_file] = 1
                reach(from, next_file)
            }
        }
    }

    END {
        for (i = 1; i <= used; i++) {
            split(uses[i], use, " ")
            to = owner[use[2]]
            # A name that several files have, of which a program gets one, says nothing.
            if (owners[use[2]] == 1 && to != use[1] && !((use[1], to) in edge)) {
                edge[use[1], to] = 1
                takes[use[1]] = takes[use[1]] " " to
                edges++
            }
        }
        for (file in files) {
            count++
            reach(file, file)
        }
        for (file in files) {
            if (file in done || !((file, file) in reached))
                continue
            size = 0
            members = ""
            for (other in files)
                if ((file, other) in reached && (other, file) in reached) {
                    done[other] = 1
                    size++
                    members = members " " other
                }
            circles++
            if (size > greatest)
                greatest = size
            print "a circle of " size " files:" members
        }
        print "circles: " count " files, " edges + 0 " times one needs another, " \
            circles + 0 " circles, the largest of " greatest + 0
        if (count == 0 || edges == 0 || circles > most || greatest > largest)
            exit 1
    }' "$list"
