using System.Buffers;
using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Auditing.Sealing;

/// <summary>The state of sealing: the last seal, and the last read record of a removal.</summary>
/// <param name="Last">The last seal; null before the first one.</param>
/// <param name="LastRemoval">The number of the last record of a removal in <paramref name="Last"/>.</param>
/// <param name="Version">The version of the document; 0 if there is none.</param>
internal sealed record SealState(Seal? Last, long LastRemoval, long Version)
{
    /// <summary>The key of the document.</summary>
    public const string Key = "state";

    public long Size => Last?.Size ?? 0;

    public long Number => Last?.Number ?? 0;

    /// <summary>Reads the stored state.</summary>
    /// <exception cref="SealStateException">The document is damaged.</exception>
    public static async ValueTask<SealState> Read(IDocumentStorage documents, CancellationToken cancellationToken)
    {
        var document = await documents
            .Get(SealStore.CollectionName, Key, cancellationToken)
            .ConfigureAwait(false);
        if (document is null)
            return new SealState(null, 0, 0);
        return TryRead(document) ?? throw new SealStateException("the stored state cannot be read.");
    }

    /// <summary>Reads a document; null if it is not a state.</summary>
    public static SealState? TryRead(Document document)
    {
        try
        {
            using var json = JsonDocument.Parse(document.Body);
            var seal = BytesOf(json.RootElement.GetProperty("seal"u8));
            return SealJson.TryRead(seal, out var last)
                ? new SealState(last, json.RootElement.GetProperty("lastRemoval"u8).GetInt64(), document.Version)
                : null;
        }
        catch (Exception exception)
            when (exception is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    public DocumentChange Change()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteNumber("lastRemoval"u8, LastRemoval);
            writer.WritePropertyName("seal"u8);
            writer.WriteRawValue(SealJson.Write(Last!)); // Only a state after a seal is stored.
            writer.WriteEndObject();
        }
        return new DocumentChange
        {
            Collection = SealStore.CollectionName,
            Key = Key,
            FromVersion = Version,
            Body = buffer.WrittenMemory,
        };
    }

    private static byte[] BytesOf(JsonElement element) =>
        System.Text.Encoding.UTF8.GetBytes(element.GetRawText());
}
