using Servers;

namespace Commerce.Tests.Retail;

/// <summary>
/// A test of several nodes with the complete real file. Without the file or PostgreSQL, the test is skipped.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RealYearNodesFactAttribute : FactAttribute
{
    public RealYearNodesFactAttribute() =>
        Skip = new RealYearFactAttribute().Skip ?? new PostgreSqlFactAttribute().Skip;
}
