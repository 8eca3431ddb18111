using System.Text.Json;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.DeadLettering;

/// <summary>Records every decision about dead letters in the log, in the transaction of the decision.</summary>
internal static class DeadLetterAudit
{
    private const int MembersBytes = 128; // Names, numbers and separators.

    private static readonly StreamId Stream = new("$dead-letters");

    /// <summary>
    /// Returns a request that changes dead letters and records the decision, its author and the reason.
    /// </summary>
    public static CommitRequest RequestOf(
        EventStore store, IReadOnlyList<DeadLetter> decided, string decision, DeadLetterNote note)
    {
        DeadLetter[] letters = [.. decided.Select(DeadLetterId.ToStored)];
        var decisionEvent = NewEvent.FromBytes(PlatformEvents.DeadLettersDecided, Write(letters, decision, note)) with
        {
            Metadata = new EventMetadata { UserId = note.By },
        };
        return new CommitRequest
        {
            Appends = store.Encode(new AppendRequest().To(Stream, ExpectedVersion.Any, [decisionEvent])).Appends,
            DeadLetters = [.. letters.Select(letter => new DeadLetterChange(letter))],
        };
    }

    /// <summary>
    /// Divides dead letters into parts that each fit into one event of the log. Keys can be long, and in JSON a
    /// character that is not ASCII can take six bytes.
    /// </summary>
    public static IEnumerable<List<DeadLetter>> Parts(
        IReadOnlyList<DeadLetter> letters, DeadLetterNote note, int maxBytes)
    {
        var limit = maxBytes - MembersBytes - MaxBytesOf(note.By) - MaxBytesOf(note.Reason);
        var part = new List<DeadLetter>();
        var bytes = 0L;
        foreach (var letter in letters)
        {
            var letterBytes =
                MembersBytes
                + MaxBytesOf(letter.Consumer)
                + MaxBytesOf(letter.Key)
                + MaxBytesOf(letter.Cause);
            if (part.Count > 0 && bytes + letterBytes > limit)
            {
                yield return part;
                part = [];
                bytes = 0;
            }
            part.Add(letter);
            bytes += letterBytes;
        }
        if (part.Count > 0)
            yield return part;
    }

    private static int MaxBytesOf(string? text) => 6 * (text?.Length ?? 0);

    private static byte[] Write(IReadOnlyList<DeadLetter> letters, string decision, DeadLetterNote note)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("decision"u8, decision);
            writer.WriteString("by"u8, note.By);
            if (note.Reason is not null)
                writer.WriteString("reason"u8, note.Reason);
            writer.WriteStartArray("letters"u8);
            foreach (var letter in letters)
            {
                writer.WriteStartObject();
                writer.WriteNumber("id"u8, letter.Id);
                writer.WriteString("consumer"u8, letter.Consumer);
                writer.WriteNumber("position"u8, letter.Position);
                writer.WriteString("key"u8, letter.Key);
                if (letter.Cause is not null)
                    writer.WriteString("cause"u8, letter.Cause);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return stream.ToArray();
    }
}
