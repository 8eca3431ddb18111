namespace Millrace;

/// <summary>Thrown when a consumer cannot be tuned on this node.</summary>
public sealed class TuningRefusedException(string consumer, string problem)
    : MillraceException($"Consumer '{consumer}' cannot be tuned here: {problem}")
{
    /// <summary>Gets the name of the consumer.</summary>
    public string Consumer { get; } = consumer;
}
