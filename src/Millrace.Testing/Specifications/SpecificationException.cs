namespace Millrace.Testing;

/// <summary>What was specified did not happen; the message shows what did, event by event.</summary>
public sealed class SpecificationException : Exception
{
    internal SpecificationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
