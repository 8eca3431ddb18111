namespace Millrace;

/// <summary>
/// Thrown when a broker refuses a request until an operator changes its configuration. For example, an object with the
/// same name but other settings exists, or a permission is missing.
/// </summary>
public sealed class TransportRefusedException(string transport, string problem, Exception? innerException = null)
    : MillraceException($"The broker '{transport}' refuses: {problem}", innerException)
{
    /// <summary>Gets the name of the transport.</summary>
    public string Transport { get; } = transport;
}
