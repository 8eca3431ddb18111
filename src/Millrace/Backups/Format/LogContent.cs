using Millrace.Storage.Moves;
using Millrace.Storage.Backups;

namespace Millrace.Backups.Format;

/// <summary>
/// The content of an object with a part of the log: the length of the events in bytes, the events, and the changes.
/// </summary>
internal static class LogContent
{
    /// <summary>Returns the content of a part.</summary>
    public static byte[] Of(ContentWriter events, ContentWriter changes)
    {
        var whole = new ContentWriter();
        whole.Bytes(events.Written);
        return [.. whole.Written, .. changes.Written];
    }

    /// <summary>Returns the content of a segment, which contains several parts one after the other.</summary>
    public static byte[] Join(IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        var split = parts.Select(Split).ToList();
        var whole = new ContentWriter();
        whole.Number(split.Sum(part => (long)part.Events.Length));
        using var joined = new MemoryStream();
        joined.Write(whole.Written);
        foreach (var part in split)
            joined.Write(part.Events.Span);
        foreach (var part in split)
            joined.Write(part.Changes.Span);
        return joined.ToArray();
    }

    public static IEnumerable<RecordedEvent> ReadEvents(ReadOnlyMemory<byte> content)
    {
        var reader = new ContentReader(Split(content).Events);
        while (!reader.IsAtEnd)
            yield return EventCoder.Read(reader);
    }

    public static IEnumerable<RecordedChange> ReadChanges(ReadOnlyMemory<byte> content)
    {
        var reader = new ContentReader(Split(content).Changes);
        while (!reader.IsAtEnd)
        {
            var number = reader.Number();
            var position = reader.Number();
            var name = reader.RequiredText();
            var table = MovedTables.Find(name)
                ?? throw new BackupFormatException($"it contains the unknown table '{name}'");
            var isRemoved = reader.Number() != 0;
            yield return new RecordedChange(
                number, position, table, RowCoder.Read(reader, table, isKey: isRemoved), isRemoved);
        }
    }

    public static void Write(ContentWriter writer, RecordedChange change)
    {
        writer.Number(change.Number);
        writer.Number(change.Position);
        writer.Text(change.Table.Name);
        writer.Number(change.IsRemoved ? 1 : 0);
        RowCoder.Write(writer, change.Table, change.Row);
    }

    private static (ReadOnlyMemory<byte> Events, ReadOnlyMemory<byte> Changes) Split(ReadOnlyMemory<byte> content)
    {
        var reader = new ContentReader(content);
        var events = reader.Bytes();
        return (events, reader.Rest());
    }
}
