using Millrace.Storage;

namespace Millrace.Cli.CloudEvents;

/// <summary>
/// Determines which version the stream of a line must have. An import and a dry run use the same rules.
/// </summary>
internal static class ImportDecision
{
    /// <summary>Returns true when the event of a line is already in its stream.</summary>
    /// <param name="line">The line.</param>
    /// <param name="found">The event in the stream with the id of the line, or null.</param>
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
    /// <param name="startsAgain">True when this is the first event after the deletion of the stream in the
    /// file.</param>
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
    /// Returns the version that a stream must have to be removed, or null when the stream was already removed.
    /// </summary>
    /// <param name="line">The line.</param>
    /// <param name="head">The stream.</param>
    /// <param name="last">The version of the stream's last event before this line in the file, or 0 when the file has
    /// no earlier event.</param>
    /// <param name="wasDeleted">True when the stream was deleted before.</param>
    /// <param name="options">The differences that are allowed.</param>
    /// <remarks>
    /// A deletion removes only the events that precede it in the file. When an import is repeated, the stream can
    /// contain later events, which must remain. If the file has no earlier events of the stream and the stream was ever
    /// deleted, the import skips the deletion. A user can still delete a remaining stream, but a stream that was
    /// deleted by mistake is lost.
    /// </remarks>
    public static ExpectedVersion? Removal(
        ImportedEvent line, StreamHead head, long last, bool wasDeleted, ImportOptions options)
    {
        if (head.State == StreamState.Closed)
            return null;
        var lastRemoved = last > 0 ? last : options.Renumbers ? 0 : line.Version ?? 0;
        if (line.Removal == RemovalKind.Delete && (lastRemoved > 0 ? head.FirstVersion > lastRemoved : wasDeleted))
            return null;
        return lastRemoved == 0 || head.State == StreamState.Deleted
            ? ExpectedVersion.Any
            : ExpectedVersion.Exactly(lastRemoved);
    }
}
