using Xunit;

namespace Servers;

/// <summary>A test that needs PostgreSQL. Without PostgreSQL the test is skipped, but in CI it fails.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgreSqlTheoryAttribute : TheoryAttribute
{
    /// <summary>Creates the attribute.</summary>
    public PostgreSqlTheoryAttribute() => Skip = PostgreSqlPrograms.ReasonToSkip;
}
