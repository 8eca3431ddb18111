namespace Millrace.Events;

/// <summary>The stored names of the events of retention.</summary>
internal static class RetentionEvents
{
    /// <summary>An application started with other policies than before.</summary>
    public const string Declared = "retention.declared";

    /// <summary>A run started.</summary>
    public const string Started = "retention.started";

    /// <summary>The data that the policies of a run no longer keep was found.</summary>
    public const string Planned = "retention.planned";

    /// <summary>Events were written to a file, which was read back.</summary>
    public const string Archived = "retention.archived";

    /// <summary>Events of streams were removed, in the commit of this event.</summary>
    public const string Removed = "retention.removed";

    /// <summary>The personal data of a subject was erased.</summary>
    public const string Erased = "retention.erased";

    /// <summary>A run was completed.</summary>
    public const string Completed = "retention.completed";

    /// <summary>A run was stopped before it was completed.</summary>
    public const string Stopped = "retention.stopped";

    /// <summary>All earlier events of the stream were removed. Only this event remains of it.</summary>
    public const string StreamRemoved = "retention.stream-removed";

    /// <summary>The name of the stream of declarations, after the prefix of a tenant.</summary>
    public const string Stream = "$retention";

    /// <summary>The prefix of the streams of runs, after the prefix of a tenant.</summary>
    public const string StreamPrefix = "$retention-";

    /// <summary>Returns whether a stored stream belongs to retention, with or without the prefix of a tenant.</summary>
    public static bool IsStream(string stream)
    {
        var start = stream.IndexOf(Stream, StringComparison.Ordinal);
        return (start == 0 || (start > 0 && stream[start - 1] == '/'))
            && (stream.Length == start + Stream.Length || stream[start + Stream.Length] == '-');
    }

    /// <summary>Returns whether a name is a name of this class.</summary>
    public static bool Contains(string type) =>
        type
            is Declared
                or Started
                or Planned
                or Archived
                or Removed
                or Erased
                or Completed
                or Stopped
                or StreamRemoved;
}
