namespace Millrace.Commands;

/// <summary>
/// The outcome of one attempt to handle a command. It contains the result of the command, or the reason for a retry.
/// </summary>
internal readonly struct CommandAttempt<TResult>
{
    public CommandAttempt(CommandResult<TResult> result) => Result = result;

    public CommandAttempt(Exception refusal, bool isNotCounted)
    {
        Refusal = refusal;
        IsNotCounted = isNotCounted;
    }

    public CommandResult<TResult> Result { get; }

    public Exception? Refusal { get; }

    /// <summary>
    /// Gets whether stale state from memory was the only cause. The next attempt then does not use state from memory,
    /// and is not counted as a retry.
    /// </summary>
    public bool IsNotCounted { get; }
}
