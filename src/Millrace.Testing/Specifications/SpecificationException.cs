namespace Millrace.Testing;

/// <summary>
/// Thrown when the actual result differs from a specification. The message contains the actual events.
/// </summary>
public sealed class SpecificationException : Exception
{
    internal SpecificationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
