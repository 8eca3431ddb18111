using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Browser.Tests.LongestFirst", "Browser.Tests")]

namespace Browser.Tests;

/// <summary>
/// Orders the tests on the running shop first, because they need more time than all other tests together. The other
/// tests run at the same time.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(static collection => collection.DisplayName == ShopCollection.Name ? 0 : 1);
}
