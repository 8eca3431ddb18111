using Xunit;

namespace Servers;

/// <inheritdoc cref="PostgreSqlTheoryAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgreSqlFactAttribute : FactAttribute
{
    /// <summary>Creates the attribute.</summary>
    public PostgreSqlFactAttribute() => Skip = PostgreSqlPrograms.ReasonToSkip;
}
