namespace Millrace;

/// <summary>
/// Thrown when a broker can never accept a message, because the message is too large or cannot be written.
/// </summary>
public sealed class MessageRefusedException(string transport, string destination, string type, string problem)
    : MillraceException($"The message '{type}' for '{destination}' of '{transport}' is refused: {problem}")
{
    /// <summary>Gets the name of the transport.</summary>
    public string Transport { get; } = transport;

    /// <summary>Gets the destination.</summary>
    public string Destination { get; } = destination;

    /// <summary>Gets the type of the message.</summary>
    public string Type { get; } = type;
}
