namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>
/// A collection for tests that change the time zone of the process. No other test runs at the same time.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ExclusiveCollection
{
    public const string Name = "Alone";
}
