#!/bin/sh
# Measures training on Beam next to one machine, and writes docs/scale.md. Flink and Beam's job server come from Maven, through
# whatever repository 'mvn' is set up for.
set -eu
. "$(dirname "$0")/env.sh"

go_env
command -v mvn >/dev/null || die "'mvn' is not there: install maven, then run make scale again."
command -v java >/dev/null || die "'java' is not there: install a Java 17, then run make scale again."
jars=$lab/flink
say "Flink and Beam's job server, from Maven"
mvn -q -B -f "$root/lib/beam/internal/flink/pom.xml" \
	org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$jars"
cd "$root/lib/beam"
go build -trimpath -o "$lab/scale" ./cmd/scale
"$lab/scale" -jars "$jars" -document "$root/docs/scale.md"
