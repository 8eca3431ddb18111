namespace Millrace.Testing;

/// <summary>The history and the state of a process instance, for rules.</summary>
public sealed class ProcessHistory
{
    internal ProcessHistory(
        ProcessInfo? info, IReadOnlyList<(object Command, Exception? Error)> sent, IReadOnlyList<ProcessEntry> entries)
    {
        Info = info;
        Entries = entries;
        Sent = [.. sent.Select(one => one.Command)];
        Done = [.. sent.Where(one => one.Error is null).Select(one => one.Command)];
    }

    /// <summary>Gets the state of the instance, or null if it was not started.</summary>
    public ProcessInfo? Info { get; }

    /// <summary>
    /// Gets all commands that the instance sent, including compensations and failed or refused commands.
    /// </summary>
    public IReadOnlyList<object> Sent { get; }

    /// <summary>Gets the commands that succeeded.</summary>
    public IReadOnlyList<object> Done { get; }

    /// <summary>Gets the entries of the instance's stream, oldest first.</summary>
    public IReadOnlyList<ProcessEntry> Entries { get; }

    /// <summary>Returns true if a command of a type succeeded.</summary>
    public bool Did<TCommand>() => Count<TCommand>() > 0;

    /// <summary>Returns how often a command of a type succeeded.</summary>
    public int Count<TCommand>() => Done.OfType<TCommand>().Count();

    /// <summary>Returns true if the instance is in a state.</summary>
    public bool Is(ProcessState state) => Info?.State == state;
}
