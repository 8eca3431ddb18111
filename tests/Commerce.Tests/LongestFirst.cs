using Commerce.Tests.Chaos;
using Commerce.Tests.Choreography;
using Commerce.Tests.Live;
using Commerce.Tests.Nodes;
using Commerce.Tests.Retail;
using Commerce.Tests.Services;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Commerce.Tests.LongestFirst", "Commerce.Tests")]

namespace Commerce.Tests;

/// <summary>
/// Orders test collections so that the longest start first, and no long test runs alone at the end. Chaos tests start
/// after the service tests.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly List<string> FirstCollections =
    [
        .. (
            (Type[])
                [
                    typeof(ServicesTests),
                    typeof(NodesTests),
                    typeof(ImportTests),
                    typeof(StartServicesTests),
                    typeof(LiveStockNodesTests),
                    typeof(ChoreographyTests),
                    typeof(ChaosTests),
                ]
        ).Select(type => $"Test collection for {type.FullName}"),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        // A collection that is not in the list has the index -1, which as an unsigned number is the last.
        testCollections.OrderBy(static collection => (uint)FirstCollections.IndexOf(collection.DisplayName));
}
