namespace Millrace.Testing;

/// <summary>Thrown when a guarantee is broken. The message contains the guarantee and the observation.</summary>
public sealed class ConformanceException : Exception
{
    internal ConformanceException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
