using Millrace.Storage;

namespace Millrace.Cli.CloudEvents;

/// <summary>What a line asks of its stream: decided here for an import and for its trial alike.</summary>
internal static class ImportDecision
{
    /// <summary>Whether a line's event stands in its stream already.</summary>
    /// <param name="line">The line.</param>
    /// <param name="found">The event of its id in its stream.</param>
    /// <param name="options">What may be given up.</param>
    /// <exception cref="ImportException">It stands there at another version than it is to have.</exception>
    public static bool IsAlreadyStored(ImportedEvent line, RecordedEvent? found, ImportOptions options)
    {
        if (found is null)
            return false;
        return options.Renumbers || line.Version is null || line.Version == found.Version
            ? true
            : throw new ImportException(
                line.Line,
                $"the event stands in stream '{line.Stream}' already, but at version {found.Version} instead of "
                    + $"{line.Version}."
            );
    }

    /// <summary>The version that a stream must have for a line's event.</summary>
    /// <param name="line">The line.</param>
    /// <param name="options">What may be given up.</param>
    /// <param name="beginsAgain">Whether the stream was deleted by the file, and this is the first event since.</param>
    public static ExpectedVersion Expected(ImportedEvent line, ImportOptions options, bool beginsAgain) =>
        line.Version switch
        {
            null => ExpectedVersion.Any,
            _ when options.Renumbers => ExpectedVersion.Any,
            1 => ExpectedVersion.NoStream,
            _ when beginsAgain => ExpectedVersion.NoStream,
            { } version => ExpectedVersion.Exactly(version - 1),
        };

    /// <summary>The version that a stream must have to be removed; null when it was done before.</summary>
    /// <param name="line">The line.</param>
    /// <param name="head">The stream.</param>
    /// <param name="last">Where the last event that the file has of the stream before this line stands; 0 when it has
    /// none.</param>
    /// <param name="wasDeleted">Whether the stream was ever deleted.</param>
    /// <param name="options">What may be given up.</param>
    /// <remarks>
    /// A deletion is of what the file has before it, and of nothing else: a repeated import finds the stream with what
    /// came after, which must stay. Where the file has nothing of the stream before it, one that was ever deleted is
    /// taken for done: a stream that is read still can be deleted later, one that is deleted by mistake is missed.
    /// </remarks>
    public static ExpectedVersion? Removal(
        ImportedEvent line, StreamHead head, long last, bool wasDeleted, ImportOptions options)
    {
        if (head.State == StreamState.Closed)
            return null;
        var covered = last > 0 ? last : options.Renumbers ? 0 : line.Version ?? 0;
        if (line.Removal == RemovalKind.Delete && (covered > 0 ? head.FirstVersion > covered : wasDeleted))
            return null;
        return covered == 0 || head.State == StreamState.Deleted
            ? ExpectedVersion.Any
            : ExpectedVersion.Exactly(covered);
    }
}
