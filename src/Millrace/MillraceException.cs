namespace Millrace;

/// <summary>The base class of all errors that Millrace reports.</summary>
/// <remarks>
/// Programming mistakes are <see cref="ArgumentException"/> and <see cref="InvalidOperationException"/> instead, and
/// cancellation is <see cref="OperationCanceledException"/>.
/// </remarks>
public abstract class MillraceException : Exception
{
    /// <summary>Creates an error.</summary>
    protected MillraceException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }

    /// <summary>Gets whether the same call may succeed if it is repeated later.</summary>
    public virtual bool IsTransient => false;
}
