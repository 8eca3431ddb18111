namespace Millrace.ObjectStorage.Tests;

/// <summary>The tests that share the servers.</summary>
[CollectionDefinition(Name)]
public sealed class ObjectServersCollection : ICollectionFixture<ObjectServers>
{
    public const string Name = "object servers";
}
