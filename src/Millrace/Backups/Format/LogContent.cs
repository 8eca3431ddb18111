using Millrace.Storage;
using Millrace.Storage.Backups;
using Millrace.Storage.Moves;

namespace Millrace.Backups.Format;

/// <summary>
/// The content of an object with a part of the log: the length of the events in bytes, the events, and the changes.
/// </summary>
internal static class LogContent
{
    private const string Documents = "documents"; // Instead of the name of a table.

    /// <summary>Returns the content of a part, which uses the memory of its arguments.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Of(ContentWriter events, ReadOnlyMemory<byte> changes) =>
        [LengthOf(events.Length), events.Written, changes];

    /// <summary>Returns the changes of a content, as they were written.</summary>
    public static ReadOnlyMemory<byte> ChangesOf(ReadOnlyMemory<byte> content) => Split(content).Changes;

    /// <summary>Returns the content of a segment, which contains several parts one after the other.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Join(IReadOnlyList<ReadOnlyMemory<byte>> parts)
    {
        var split = parts.Select(Split).ToList();
        return
        [
            LengthOf(split.Sum(static part => (long)part.Events.Length)),
            .. split.Select(static part => part.Events),
            .. split.Select(static part => part.Changes),
        ];
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
            var isRemoved = reader.Number() != 0;
            var collection = name == Documents ? ReadCollection(reader) : null;
            var table = collection is null ? MovedTables.Find(name) : MovedTables.OfDocuments(collection);
            if (table is null)
                throw new BackupFormatException($"it contains the unknown table '{name}'");
            yield return new RecordedChange(
                number, position, table, RowCoder.Read(reader, table, isKey: isRemoved), isRemoved)
            {
                Collection = collection,
            };
        }
    }

    public static void Write(ContentWriter writer, RecordedChange change)
    {
        writer.Number(change.Number);
        writer.Number(change.Position);
        writer.Text(change.Collection is null ? change.Table.Name : Documents);
        writer.Number(change.IsRemoved ? 1 : 0);
        if (change.Collection is { } collection)
            WriteCollection(writer, collection);
        RowCoder.Write(writer, change.Table, change.Row);
    }

    private static void WriteCollection(ContentWriter writer, CollectionDefinition collection)
    {
        writer.Text(collection.Name);
        writer.Number(collection.KeyCoding);
        writer.Number(collection.Fields.Count);
        foreach (var field in collection.Fields)
        {
            writer.Text(field.Name);
            writer.Text(FieldKindText.Of(field.Kind));
        }
    }

    private static CollectionDefinition ReadCollection(ContentReader reader)
    {
        var (name, keyCoding, count) = (reader.RequiredText(), reader.Count(), reader.Count());
        var fields = new List<FieldDefinition>();
        for (var i = 0; i < count; i++)
            fields.Add(new FieldDefinition(reader.RequiredText(), FieldKindText.Parse(reader.RequiredText())));
        return new CollectionDefinition(name, fields) { KeyCoding = keyCoding };
    }

    private static ReadOnlyMemory<byte> LengthOf(long events)
    {
        var length = new ContentWriter();
        length.Number(events);
        return length.Written;
    }

    private static (ReadOnlyMemory<byte> Events, ReadOnlyMemory<byte> Changes) Split(ReadOnlyMemory<byte> content)
    {
        var reader = new ContentReader(content);
        var events = reader.Bytes();
        return (events, reader.Rest());
    }
}
