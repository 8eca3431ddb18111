namespace Millrace;

/// <summary>
/// Thrown when an operation on a build of a read model is not possible. The message contains the reason and the remedy.
/// </summary>
public sealed class ReadModelBuildException(string readModel, string problem)
    : MillraceException($"Read model '{readModel}': {problem}")
{
    /// <summary>Gets the name of the read model, without a version.</summary>
    public string ReadModel { get; } = readModel;

    /// <summary>
    /// Gets a value indicating whether only dead letters of the next collection prevent a switch. The operation
    /// succeeds with <c>evenWithDeadLetters</c>.
    /// </summary>
    public bool IsBlockedByDeadLetters { get; init; }
}
