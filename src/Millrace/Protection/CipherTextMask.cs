using System.Buffers;
using System.Text;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>
/// Replaces values that have the stored form of encrypted values by their values after erasure. Programs without keys
/// and without the marks of the application show payloads in this way.
/// </summary>
internal static class CipherTextMask
{
    /// <summary>Returns the JSON without encrypted values; the same bytes if it contains none.</summary>
    public static ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> json)
    {
        if (json.Span.IndexOf(CipherText.Prefix) < 0)
            return json;
        if (EncryptedValueLocator.Find(json.Span) is not { } values)
            return "{}"u8.ToArray(); // The values cannot be located.
        var output = new ArrayBufferWriter<byte>(json.Length);
        var copied = 0;
        foreach (var value in values)
        {
            output.Write(json.Span[copied..value.Start]);
            output.Write(Encoding.UTF8.GetBytes(value.Text.ErasedJson));
            copied = value.Start + value.Length;
        }
        output.Write(json.Span[copied..]);
        return output.WrittenMemory;
    }

    /// <summary>Returns an event without its encrypted values. CBOR becomes JSON.</summary>
    public static RecordedEvent Apply(RecordedEvent recorded)
    {
        var stored = recorded.ReadablePayload;
        var masked = Apply(stored);
        return masked.Equals(stored) ? recorded : recorded.Concealed(masked);
    }

    /// <summary>Returns a document without its encrypted values.</summary>
    public static Document Apply(Document document)
    {
        var masked = Apply(document.Body);
        return masked.Equals(document.Body) ? document : document with { Body = masked };
    }
}
