namespace Millrace.Consuming.Retries;

/// <summary>
/// Thrown when an event fails after earlier attempts that no dead letter has counted. The exception adds the number of
/// these attempts.
/// </summary>
internal sealed class RetriesExhaustedException(int attempts, Exception failure) : Exception(failure.Message, failure)
{
    /// <summary>Gets the number of earlier attempts that failed.</summary>
    public int Attempts { get; } = attempts;

    /// <summary>Returns the failure that caused the exception.</summary>
    public static Exception Unwrap(Exception exception) =>
        exception is RetriesExhaustedException { InnerException: { } failure } ? failure : exception;
}
