using Xunit;

namespace Servers;

/// <inheritdoc cref="PostgreSqlTheoryAttribute"/>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PostgreSqlFactAttribute : FactAttribute
{
    /// <summary>Decides.</summary>
    public PostgreSqlFactAttribute() => Skip = PostgreSqlPrograms.ReasonToSkip;
}
