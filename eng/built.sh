# Sourced by the root scripts: `built PROJECT-FOLDER SOURCE-FOLDER...` builds a project in Release when one of its sources is newer
# than its last build, and reports it. All output goes to standard error and does not mix with the program's output.
# Analyzers are left out: they take half of the time, and `dotnet build` and ./test run them.

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_GENERATE_ASPNET_CERTIFICATE=false

# Reports the progress of a build every ten seconds from its log, while the build process runs.
report_progress() {
  local log=$1 builder=$2 seconds=0
  while sleep 1 2> /dev/null && kill -0 "$builder" 2> /dev/null; do
    seconds=$((seconds + 1))
    if [ $((seconds % 10)) = 0 ]; then echo "  ... $seconds s, $(grep -c ' -> ' "$log" || true) projects built" >&2; fi
  done
}

built() {
  local project=$1 name stamp output started
  shift
  name=$(basename "$project")
  stamp="$root/artifacts/stamps/$name"
  output="$root/artifacts/bin/$name/release/$name.dll"
  command -v dotnet > /dev/null || {
    echo "Millrace needs the .NET 10 SDK, and there is no 'dotnet' on the path. See https://dotnet.microsoft.com/download/dotnet/10.0" >&2
    exit 1
  }
  mkdir -p "$root/artifacts/stamps"
  (
    # Concurrent calls build once. The stamp has the time at which the build started, so later edits count as newer.
    exec 9> "$stamp.lock"
    if command -v flock > /dev/null; then flock 9; fi
    cd "$root"
    if [ -f "$output" ] && [ -f "$stamp" ] \
      && [ -z "$(find "$@" "$project" eng Directory.Build.props Directory.Build.targets Directory.Packages.props global.json -newer "$stamp" -print -quit)" ]; then
      exit 0
    fi
    if [ -f "$stamp" ]; then
      echo "Building $name ..." >&2
    else
      echo "Building $name for the first time (about a minute; several on a busy machine) ..." >&2
    fi
    started=$(mktemp "$stamp.XXXXXX")
    report_progress "$stamp.log" "$BASHPID" > /dev/null 9>&- &
    trap "kill $! 2> /dev/null || true; rm -f '$started'" EXIT
    if ! dotnet build "$project" -c Release -v m --nologo -p:RunAnalyzersDuringBuild=false 9>&- > "$stamp.log" 2>&1; then
      grep -E "error|warn" "$stamp.log" | sort -u >&2 || cat "$stamp.log" >&2
      echo "Building $name failed: see the errors above." >&2
      exit 1
    fi
    mv -f "$started" "$stamp"
  )
}
