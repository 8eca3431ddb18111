namespace Browser.Tests;

/// <summary>The collection of tests that share a browser and a built site.</summary>
[CollectionDefinition(Name)]
public sealed class SiteCollection : ICollectionFixture<Chromium>, ICollectionFixture<BuiltSite>
{
    public const string Name = "site";
}
