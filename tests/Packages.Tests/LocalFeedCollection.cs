namespace Packages.Tests;

/// <summary>The collection of tests that share a feed.</summary>
[CollectionDefinition(nameof(LocalFeed))]
public sealed class LocalFeedCollection : ICollectionFixture<LocalFeed>;
