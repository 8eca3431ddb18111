using Servers;

namespace Commerce.Tests.Retail;

/// <summary>A test of several nodes on the whole real file: skipped, saying so, where that or
/// PostgreSQL is not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RealYearNodesFactAttribute : FactAttribute
{
    public RealYearNodesFactAttribute() =>
        Skip = new RealYearFactAttribute().Skip ?? new PostgreSqlFactAttribute().Skip;
}
