namespace Millrace.Consuming.Retries;

/// <summary>
/// Thrown when an event fails whose earlier attempts are not counted by a dead letter. Its number of attempts counts as
/// well.
/// </summary>
internal sealed class RetriesExhaustedException(int attempts, Exception failure) : Exception(failure.Message, failure)
{
    /// <summary>The number of attempts that failed before this one.</summary>
    public int Attempts { get; } = attempts;

    /// <summary>Returns the actual failure.</summary>
    public static Exception Unwrap(Exception exception) =>
        exception is RetriesExhaustedException { InnerException: { } failure } ? failure : exception;
}
