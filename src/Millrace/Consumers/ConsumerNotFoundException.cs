namespace Millrace;

/// <summary>No consumer has the name asked for.</summary>
public sealed class ConsumerNotFoundException(string consumer)
    : MillraceException($"There is no consumer '{consumer}'. List the consumers to see the names there are.")
{
    /// <summary>The name asked for.</summary>
    public string Consumer { get; } = consumer;
}
