using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Browser.Tests.LongestFirst", "Browser.Tests")]

namespace Browser.Tests;

/// <summary>The tests on the running shop take longer than all others together: they start, and the others run beside
/// them.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(static collection => collection.DisplayName == ShopCollection.Name ? 0 : 1);
}
