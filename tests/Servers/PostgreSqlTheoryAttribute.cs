using Xunit;

namespace Servers;

/// <summary>Skipped with the reason where PostgreSQL is missing; run all the same in CI, where it then fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgreSqlTheoryAttribute : TheoryAttribute
{
    /// <summary>Decides.</summary>
    public PostgreSqlTheoryAttribute() => Skip = PostgreSqlPrograms.ReasonToSkip;
}
