namespace Millrace;

/// <summary>
/// Thrown when a broker refuses a request until an operator changes the broker's configuration. For example, the broker
/// has an object with the same name but other settings, or a permission is missing.
/// </summary>
public sealed class TransportRefusedException(string transport, string problem, Exception? innerException = null)
    : MillraceException($"The broker '{transport}' refuses: {problem}", innerException)
{
    /// <summary>Gets the name of the transport.</summary>
    public string Transport { get; } = transport;
}
