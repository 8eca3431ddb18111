namespace Millrace.Tests.Scheduling;

/// <summary>
/// The collection of tests that measure the complete process. They do not run in parallel with other tests.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ExclusiveCollection
{
    public const string Name = "alone";
}
