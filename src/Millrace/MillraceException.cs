namespace Millrace;

/// <summary>The base of every error that Millrace reports.</summary>
/// <remarks>
/// Programming mistakes are <see cref="ArgumentException"/> and <see cref="InvalidOperationException"/> instead, and
/// cancellation is <see cref="OperationCanceledException"/>.
/// </remarks>
public abstract class MillraceException : Exception
{
    /// <summary>Makes an error.</summary>
    protected MillraceException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>True when the very same call may succeed if it is repeated after a while.</summary>
    public virtual bool IsTransient => false;
}
