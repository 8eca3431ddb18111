using Commerce.Tests.Chaos;
using Commerce.Tests.Choreography;
using Commerce.Tests.Live;
using Commerce.Tests.Nodes;
using Commerce.Tests.Retail;
using Commerce.Tests.Services;
using Xunit.Abstractions;

[assembly: TestCollectionOrderer("Commerce.Tests.LongestFirst", "Commerce.Tests")]

namespace Commerce.Tests;

/// <summary>What takes long begins, so that none of it is left to run alone; chaos comes when the services have had their time.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly List<string> Begin =
    [
        .. ((Type[])
        [
            typeof(ServicesTests), typeof(NodesTests), typeof(ImportTests), typeof(StartServicesTests), typeof(LiveStockNodesTests),
            typeof(ChoreographyTests),
            typeof(ChaosTests),
        ]).Select(type => $"Test collection for {type.FullName}"),
    ];

    public IEnumerable<ITestCollection> OrderTestCollections(IEnumerable<ITestCollection> testCollections) =>
        testCollections.OrderBy(static collection => (uint)Begin.IndexOf(collection.DisplayName)); // What is not there comes last.
}
