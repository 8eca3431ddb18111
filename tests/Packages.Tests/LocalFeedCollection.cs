namespace Packages.Tests;

/// <summary>The feed is packed once for all tests of it.</summary>
[CollectionDefinition(nameof(LocalFeed))]
public sealed class LocalFeedCollection : ICollectionFixture<LocalFeed>;
