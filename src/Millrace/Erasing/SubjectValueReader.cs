using System.Buffers;
using System.Text;
using System.Text.Json;
using Millrace.Protection;

namespace Millrace.Erasing;

/// <summary>Decrypts the values of one subject in stored JSON. Values of others are replaced.</summary>
/// <param name="scope">The store.</param>
/// <param name="ids">The ids of the subject's keys.</param>
internal sealed class SubjectValueReader(ErasureScope scope, KeyIdSet ids)
{
    private static readonly byte[] Withheld = Encoding.UTF8.GetBytes("\"[withheld]\"");

    public bool IsIn(ReadOnlySpan<byte> stored) => ids.IsIn(stored);

    /// <summary>Returns the JSON with the values of the subject; a text if the bytes are not JSON.</summary>
    public async ValueTask<JsonElement> Reveal(
        ReadOnlyMemory<byte> stored, ProtectionContext context, CancellationToken cancellationToken)
    {
        if (EncryptedValueLocator.Find(stored.Span) is not { } found)
            return Parse("\"[not JSON]\""u8.ToArray());
        var loaded = await scope.Keys
            .Load([.. found.Select(value => value.Text.KeyId).Where(ids.Contains).Distinct()], cancellationToken)
            .ConfigureAwait(false);
        var keys = loaded.ToDictionary(key => key.Id, StringComparer.Ordinal);
        var output = new ArrayBufferWriter<byte>(stored.Length + 1);
        var copied = 0;
        foreach (var value in found)
        {
            output.Write(stored.Span[copied..value.Start]);
            output.Write(ValueOf(value, keys.GetValueOrDefault(value.Text.KeyId), context));
            copied = value.Start + value.Length;
        }
        output.Write(stored.Span[copied..]);
        return Parse(output.WrittenMemory);
    }

    /// <summary>Returns JSON in which plain values are replaced.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="values">The places of the values.</param>
    public static ReadOnlyMemory<byte> Withhold(
        ReadOnlyMemory<byte> json, IReadOnlyList<(int Start, int Length)> values)
    {
        if (values.Count == 0)
            return json;
        var output = new ArrayBufferWriter<byte>(json.Length);
        var copied = 0;
        foreach (var (start, length) in values.OrderBy(value => value.Start))
        {
            output.Write(json.Span[copied..start]);
            output.Write(Withheld);
            copied = start + length;
        }
        output.Write(json.Span[copied..]);
        return output.WrittenMemory;
    }

    private static ReadOnlySpan<byte> ValueOf(EncryptedValue value, DataKey? key, ProtectionContext context)
    {
        if (key is null)
            return Withheld;
        if (key.IsDestroyed)
            return Encoding.UTF8.GetBytes(value.Text.ErasedJson);
        using var cipher = key.CipherOf(context);
        return cipher.Decrypt(value.Text.Data.Span, value.Path, value.Text.ErasedJson) is { } plain
            ? plain.Span
            : Withheld;
    }

    private static JsonElement Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            using var text = JsonDocument.Parse("\"[not JSON]\"");
            return text.RootElement.Clone();
        }
    }
}
