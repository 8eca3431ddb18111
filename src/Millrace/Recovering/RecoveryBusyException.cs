namespace Millrace;

/// <summary>Thrown when the same recovery action for the same subject was requested and has not ended.</summary>
public sealed class RecoveryBusyException(string action, string? subject, RecoveryState state)
    : MillraceException(
        $"The recovery action '{action}'{(subject is null ? "" : $" for '{subject}'")} was requested already, and "
            + $"{Describe(state)}. Wait until it has ended.")
{
    /// <summary>Gets the name of the action.</summary>
    public string Action { get; } = action;

    /// <summary>Gets the subject; null for the whole application.</summary>
    public string? Subject { get; } = subject;

    /// <summary>Gets the state of the earlier request.</summary>
    public RecoveryState State { get; } = state;

    /// <inheritdoc/>
    public override bool IsTransient => true;

    private static string Describe(RecoveryState state) => state switch
    {
        RecoveryState.Acting => "runs",
        RecoveryState.Verifying => "the health of its subject is checked",
        _ => "waits for a node",
    };
}
