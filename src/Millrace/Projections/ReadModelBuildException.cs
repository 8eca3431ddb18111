namespace Millrace;

/// <summary>What was asked of a read model's builds cannot be done; says why, and what to do.</summary>
public sealed class ReadModelBuildException(string readModel, string problem)
    : MillraceException($"Read model '{readModel}': {problem}")
{
    /// <summary>The read model's name, without a version.</summary>
    public string ReadModel { get; } = readModel;
}
