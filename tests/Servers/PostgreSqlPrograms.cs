namespace Servers;

/// <summary>Where PostgreSQL's programs are on this machine.</summary>
public static class PostgreSqlPrograms
{
    /// <summary>What a test says that cannot run here.</summary>
    public const string Missing = "needs PostgreSQL: apt-get install postgresql-15";

    private const string DebianDirectory = "/usr/lib/postgresql";

    /// <summary>The directory of <c>initdb</c> and <c>postgres</c>, the newest version's; null
    /// when there is none.</summary>
    public static string? Directory { get; } =
        Candidates().FirstOrDefault(path => File.Exists(Path.Combine(path, "initdb")));

    /// <summary>Why a test cannot run here; null where it can, and in CI, where it then fails.</summary>
    public static string? ReasonToSkip { get; } =
        Directory is null && Environment.GetEnvironmentVariable("CI") is not ("1" or "true") ? Missing : null;

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("MILLRACE_POSTGRESQL_BIN") is { Length: > 0 } given)
            yield return given;
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
