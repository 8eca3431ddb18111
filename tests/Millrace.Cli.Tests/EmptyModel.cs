namespace Millrace.Cli.Tests;

/// <summary>A model without parts. Tests add the parts that they need.</summary>
internal static class EmptyModel
{
    public static ModelDescription Description { get; } = new()
    {
        Models = [],
        IsComplete = true,
        Contexts = [],
        Aggregates = [],
        Events = [],
        Commands = [],
        Queries = [],
        ReadModels = [],
        Consumers = [],
    };
}
