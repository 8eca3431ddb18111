namespace Millrace;

/// <summary>
/// A broker does not do what it was asked for, and will not as long as nobody changes it: something else stands under
/// the same name, or a right is missing.
/// </summary>
public sealed class TransportRefusedException(string transport, string problem, Exception? innerException = null)
    : MillraceException($"The broker '{transport}' refuses: {problem}", innerException)
{
    /// <summary>The transport's name.</summary>
    public string Transport { get; } = transport;
}
