namespace Millrace;

/// <summary>The outcome of one attempt to handle a command: its result, or the reason for a retry.</summary>
internal readonly struct CommandAttempt<TResult>
{
    public CommandAttempt(CommandResult<TResult> result) => Result = result;

    public CommandAttempt(Exception refusal, bool isFree)
    {
        Refusal = refusal;
        IsFree = isFree;
    }

    public CommandResult<TResult> Result { get; }

    public Exception? Refusal { get; }

    /// <summary>
    /// Gets whether the only cause was stale state from memory. The next attempt does not use such state, so it does
    /// not count as a retry.
    /// </summary>
    public bool IsFree { get; }
}
