namespace Millrace;

/// <summary>An event has failed that had failed before, where its attempts are not counted by letters: they count as
/// well.</summary>
internal sealed class RetriesExhaustedException(int attempts, Exception failure) : Exception(failure.Message, failure)
{
    /// <summary>How many attempts had failed before this one.</summary>
    public int Attempts { get; } = attempts;

    /// <summary>What has failed.</summary>
    public static Exception Unwrap(Exception exception) =>
        exception is RetriesExhaustedException { InnerException: { } failure } ? failure : exception;
}
