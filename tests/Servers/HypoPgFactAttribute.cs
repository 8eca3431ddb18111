using Xunit;

namespace Servers;

/// <summary>
/// A test that needs PostgreSQL with the extension HypoPG. If it is missing, the test is skipped, and fails in CI.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class HypoPgFactAttribute : FactAttribute
{
    private const string Missing = "needs HypoPG: apt-get install postgresql-15-hypopg";

    /// <summary>Creates the attribute.</summary>
    public HypoPgFactAttribute() => Skip = PostgreSqlPrograms.ReasonToSkip
        ?? (IsInstalled || IsInCi ? null : Missing);

    /// <summary>Gets or sets whether the test also needs PgBouncer.</summary>
    public bool NeedsPool
    {
        get;
        set
        {
            field = value;
            if (value && PgBouncer.Program is null && !IsInCi)
                Skip ??= PgBouncer.Missing;
        }
    }

    private static bool IsInCi => Environment.GetEnvironmentVariable("CI") is "1" or "true";

    /// <summary>Gets whether a server has the extension, in the layout of Debian or beside the programs.</summary>
    private static bool IsInstalled => PostgreSqlPrograms.Directory is { } programs
        && ((string[])
        [
            $"/usr/share/postgresql/{Path.GetFileName(Path.GetDirectoryName(programs))}/extension",
            Path.Combine(programs, "../share/extension"),
            Path.Combine(programs, "../share/postgresql/extension"),
        ]).Any(static directory => File.Exists(Path.Combine(directory, "hypopg.control")));
}
