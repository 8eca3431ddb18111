namespace Millrace;

/// <summary>A broker will never take a message as it is: it is too large, or cannot be written.</summary>
public sealed class MessageRefusedException(string transport, string destination, string type, string problem)
    : MillraceException($"The message '{type}' for '{destination}' of '{transport}' is refused: {problem}")
{
    /// <summary>The transport's name.</summary>
    public string Transport { get; } = transport;

    /// <summary>Where it was to go.</summary>
    public string Destination { get; } = destination;

    /// <summary>The message's type.</summary>
    public string Type { get; } = type;
}
