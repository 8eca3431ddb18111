using Servers;

namespace Millrace.PostgreSql.Tests;

/// <summary>Skipped with the reason where PostgreSQL is missing; run all the same in CI, where it then fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgreSqlTheoryAttribute : TheoryAttribute
{
    public PostgreSqlTheoryAttribute() => Skip = PostgreSqlFactAttribute.Reason;
}

/// <inheritdoc cref="PostgreSqlTheoryAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class PostgreSqlFactAttribute : FactAttribute
{
    public PostgreSqlFactAttribute() => Skip = Reason;

    internal static string? Reason { get; } =
        PostgreSqlPrograms.Directory is null && Environment.GetEnvironmentVariable("CI") is not ("1" or "true")
            ? PostgreSqlPrograms.Missing
            : null;
}
