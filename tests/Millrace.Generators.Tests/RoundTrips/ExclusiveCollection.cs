namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>Tests that change the time zone of the process: no other runs at the same time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ExclusiveCollection
{
    public const string Name = "Alone";
}
