namespace Millrace.Tests.Scheduling;

/// <summary>Tests that measure the whole process: they do not run in parallel with others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ExclusiveCollection
{
    public const string Name = "alone";
}
