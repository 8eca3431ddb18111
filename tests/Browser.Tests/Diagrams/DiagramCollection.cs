namespace Browser.Tests.Diagrams;

/// <summary>The collection of diagram tests, which share a browser and the parsers.</summary>
[CollectionDefinition(Name)]
public sealed class DiagramCollection : ICollectionFixture<Chromium>, ICollectionFixture<DiagramChecks>
{
    public const string Name = "Diagrams";
}
