namespace Browser.Tests;

/// <summary>Tests that share one browser and one site.</summary>
[CollectionDefinition(Name)]
public sealed class SiteCollection : ICollectionFixture<Chromium>, ICollectionFixture<BuiltSite>
{
    public const string Name = "site";
}
