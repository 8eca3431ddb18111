namespace Millrace.Testing;

/// <summary>A storage breaks a promise; the message says which, and how it was seen.</summary>
public sealed class ConformanceException : Exception
{
    internal ConformanceException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
