using Millrace.Storage;

namespace Millrace.Cli.CloudEvents;

/// <summary>Decides what a line requires of its stream, for an import and for a dry run.</summary>
internal static class ImportDecision
{
    /// <summary>Returns true when the event of a line is already in its stream.</summary>
    /// <param name="line">The line.</param>
    /// <param name="found">The event with this id in the stream.</param>
    /// <param name="options">The differences that are allowed.</param>
    /// <exception cref="ImportException">The event is in the stream at another version.</exception>
    public static bool IsAlreadyStored(ImportedEvent line, RecordedEvent? found, ImportOptions options)
    {
        if (found is null)
            return false;
        return options.Renumbers || line.Version is null || line.Version == found.Version
            ? true
            : throw new ImportException(
                line.Line,
                $"the event is already in stream '{line.Stream}', but at version {found.Version} instead of "
                    + $"{line.Version}."
            );
    }

    /// <summary>Returns the version that the stream must have for the event of a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="options">The differences that are allowed.</param>
    /// <param name="startsAgain">True when the file deleted the stream and this is its first event since then.</param>
    public static ExpectedVersion Expected(ImportedEvent line, ImportOptions options, bool startsAgain) =>
        line.Version switch
        {
            null => ExpectedVersion.Any,
            _ when options.Renumbers => ExpectedVersion.Any,
            1 => ExpectedVersion.NoStream,
            _ when startsAgain => ExpectedVersion.NoStream,
            { } version => ExpectedVersion.Exactly(version - 1),
        };

    /// <summary>
    /// Returns the version that a stream must have to be removed, or null when it was removed before.
    /// </summary>
    /// <param name="line">The line.</param>
    /// <param name="head">The stream.</param>
    /// <param name="last">The version of the last event of the stream that precedes this line in the file; 0 when there
    /// is none.</param>
    /// <param name="wasDeleted">True when the stream was deleted before.</param>
    /// <param name="options">The differences that are allowed.</param>
    /// <remarks>
    /// A deletion covers only what precedes it in the file. A repeated import finds the stream with later events, which
    /// must stay. When the file has no earlier events of the stream, a stream that was ever deleted counts as done: a
    /// remaining stream can be deleted later, but a stream deleted by mistake is lost.
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
