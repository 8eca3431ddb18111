namespace Millrace.Testing;

/// <summary>Thrown when a check fails. The message contains the guarantee and describes the failure.</summary>
public sealed class ConformanceException : Exception
{
    internal ConformanceException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
