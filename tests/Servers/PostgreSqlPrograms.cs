namespace Servers;

/// <summary>Finds the programs of PostgreSQL on this machine.</summary>
public static class PostgreSqlPrograms
{
    /// <summary>The reason of a skipped test.</summary>
    public const string Missing = "needs PostgreSQL: apt-get install postgresql-15";

    private const string DebianDirectory = "/usr/lib/postgresql";

    /// <summary>
    /// Gets the directory of <c>initdb</c> and <c>postgres</c> of the newest version, or null if PostgreSQL is not
    /// installed.
    /// </summary>
    public static string? Directory { get; } =
        Candidates().FirstOrDefault(path => File.Exists(Path.Combine(path, "initdb")));

    /// <summary>Gets why tests are skipped, or null if PostgreSQL is installed or the tests run in CI.</summary>
    public static string? ReasonToSkip { get; } =
        Directory is null && Environment.GetEnvironmentVariable("CI") is not ("1" or "true") ? Missing : null;

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("MILLRACE_POSTGRESQL_BIN") is { Length: > 0 } configured)
            yield return configured;
        if (System.IO.Directory.Exists(DebianDirectory))
        {
            foreach (var version in System.IO.Directory.GetDirectories(DebianDirectory).OrderByDescending(VersionOf))
                yield return Path.Combine(version, "bin");
        }
        foreach (var path in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            yield return path;
    }

    private static double VersionOf(string directory) =>
        double.TryParse(Path.GetFileName(directory), System.Globalization.CultureInfo.InvariantCulture, out var version)
            ? version
            : 0;
}
