using Servers;

namespace Commerce.Tests.Retail;

/// <summary>A test of several nodes on the whole real file: skipped with a reason when the file or PostgreSQL is
/// missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class RealYearNodesFactAttribute : FactAttribute
{
    public RealYearNodesFactAttribute() =>
        Skip = new RealYearFactAttribute().Skip ?? new PostgreSqlFactAttribute().Skip;
}
