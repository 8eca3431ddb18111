namespace Millrace;

/// <summary>What came of handling a command once: its result, or why it is to be tried again.</summary>
internal readonly struct CommandAttempt<TResult>
{
    public CommandAttempt(CommandResult<TResult> result) => Result = result;

    public CommandAttempt(Exception refusal, bool isFree) => (Refusal, IsFree) = (refusal, isFree);

    public CommandResult<TResult> Result { get; }

    public Exception? Refusal { get; }

    /// <summary>True when only state from memory was to blame, which the next attempt does not use: it costs no
    /// retry.</summary>
    public bool IsFree { get; }
}
