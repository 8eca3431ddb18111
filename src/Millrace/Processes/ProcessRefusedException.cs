namespace Millrace;

/// <summary>What was asked of an instance of a process cannot be done, or an event is not for it.</summary>
public sealed class ProcessRefusedException(string process, string id, string problem)
    : MillraceException($"Process '{process}' of '{id}': {problem}"), IDeadLetterKeyProvider
{
    /// <summary>The name of the process.</summary>
    public string Process { get; } = process;

    /// <summary>The id of the instance.</summary>
    public string Id { get; } = id;

    /// <summary>
    /// The key of the dead letter of an event for an instance that has not started; null for the key of the event. It
    /// is another one than the instance's, so that the event which starts the instance does not wait behind the letter.
    /// </summary>
    internal string? DeadLetterKey { get; init; }

    string? IDeadLetterKeyProvider.DeadLetterKey => DeadLetterKey;

    /// <summary>An event for an instance that has not started.</summary>
    internal static ProcessRefusedException NotStarted(string process, string id, string problem) =>
        new(process, id, problem) { DeadLetterKey = KeyOf(id) };

    /// <summary>The key of the dead letters of events for an instance that has not started.</summary>
    internal static string KeyOf(string id) => UntrustedText.Clip(id, 400) + "\n(not started)";
}
