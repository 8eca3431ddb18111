namespace Millrace;

/// <summary>Thrown when no consumer has the requested name.</summary>
public sealed class ConsumerNotFoundException(string consumer)
    : MillraceException($"There is no consumer '{consumer}'. List the consumers to see their names.")
{
    /// <summary>Gets the requested name.</summary>
    public string Consumer { get; } = consumer;
}
