namespace Millrace.Testing;

/// <summary>What has happened to an instance of a process, and where it stands: what rules look at.</summary>
public sealed class ProcessHistory
{
    internal ProcessHistory(
        ProcessInfo? info, IReadOnlyList<(object Command, Exception? Error)> sent, IReadOnlyList<ProcessEntry> entries)
    {
        (Info, Entries) = (info, entries);
        Sent = [.. sent.Select(one => one.Command)];
        Done = [.. sent.Where(one => one.Error is null).Select(one => one.Command)];
    }

    /// <summary>Where the instance stands; null when it was not begun.</summary>
    public ProcessInfo? Info { get; }

    /// <summary>All commands that it sent, compensations among them, also those that failed or were refused.</summary>
    public IReadOnlyList<object> Sent { get; }

    /// <summary>The commands that were done.</summary>
    public IReadOnlyList<object> Done { get; }

    /// <summary>All that its stream tells, oldest first.</summary>
    public IReadOnlyList<ProcessEntry> Entries { get; }

    /// <summary>Whether a command of a type was done.</summary>
    public bool Did<TCommand>() => Count<TCommand>() > 0;

    /// <summary>How often a command of a type was done.</summary>
    public int Count<TCommand>() => Done.OfType<TCommand>().Count();

    /// <summary>Whether the instance is in a state.</summary>
    public bool Is(ProcessState state) => Info?.State == state;
}
