using Millrace.Consuming.Retries;
using Millrace.Events;

namespace Millrace;

/// <summary>
/// Thrown when an operation on an instance of a process is not possible, or when the instance does not accept an event.
/// </summary>
public sealed class ProcessRefusedException(string process, string id, string problem)
    : MillraceException($"Process '{process}' of '{id}': {problem}"), IDeadLetterKeyProvider
{
    /// <summary>Gets the name of the process.</summary>
    public string Process { get; } = process;

    /// <summary>Gets the id of the instance.</summary>
    public string Id { get; } = id;

    /// <summary>
    /// Gets the key of the dead letter for an instance that has not started; null for the key of the event. It differs
    /// from the key of the instance, so that the event that starts the instance does not wait for the dead letter.
    /// </summary>
    internal string? DeadLetterKey { get; init; }

    string? IDeadLetterKeyProvider.DeadLetterKey => DeadLetterKey;

    /// <summary>Returns the exception for an event whose instance has not started.</summary>
    internal static ProcessRefusedException NotStarted(string process, string id, string problem) =>
        new(process, id, problem) { DeadLetterKey = KeyOf(id) };

    /// <summary>Returns the key of dead letters for an instance that has not started.</summary>
    internal static string KeyOf(string id) => UntrustedText.Clip(id, 400) + "\n(not started)";
}
