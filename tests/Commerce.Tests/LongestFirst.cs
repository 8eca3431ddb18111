using Commerce.Tests.Chaos;
using Commerce.Tests.Choreography;
using Commerce.Tests.Live;
using Commerce.Tests.Nodes;
using Commerce.Tests.Retail;
using Commerce.Tests.Services;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Commerce.Tests.LongestFirst", "Commerce.Tests")]

namespace Commerce.Tests;

/// <summary>What takes long begins, so that none of it is left to run alone; chaos comes when the services have had
/// their time.</summary>
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
        // What is not there comes last.
        testCollections.OrderBy(static collection => (uint)FirstCollections.IndexOf(collection.DisplayName));
}
