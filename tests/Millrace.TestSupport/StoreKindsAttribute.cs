using System.Reflection;
using Xunit.Sdk;

namespace Millrace.TestSupport;

/// <summary>
/// Runs a theory with each kind of store that is available. Databases of PostgreSQL cost most of the time, so a short
/// run takes them for the first of every three such theories of a class, and <c>./test --long</c> for all.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal class StoreKindsAttribute : DataAttribute
{
    private const int TheoriesForEachDatabase = 3;

    /// <summary>Gets the kinds to choose from.</summary>
    protected virtual IEnumerable<StoreKind> Kinds => SharedStore.All;

    /// <inheritdoc/>
    public override IEnumerable<object[]> GetData(MethodInfo testMethod)
    {
        var usesDatabase = TestRun.IsLong
            || TestRun.IndexOf<StoreKindsAttribute>(testMethod) % TheoriesForEachDatabase == 0;
        return Kinds.Where(kind => usesDatabase || kind != StoreKind.PostgreSql).Select(kind => new object[] { kind });
    }
}
