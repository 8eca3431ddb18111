namespace Browser.Tests.Diagrams;

/// <summary>Tests of diagrams share a browser and the parsers.</summary>
[CollectionDefinition(Name)]
public sealed class DiagramCollection : ICollectionFixture<Chromium>, ICollectionFixture<DiagramChecks>
{
    public const string Name = "Diagrams";
}
