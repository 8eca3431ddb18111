using System.Buffers;
using System.Text;

namespace Millrace.Protection;

/// <summary>
/// Replaces marked values that are stored plain, because they were stored before they were marked, by their values
/// after erasure.
/// </summary>
internal static class PlainConcealment
{
    /// <summary>Returns the payload without its marked values; the same bytes if it contains none.</summary>
    public static ReadOnlyMemory<byte> Conceal(ReadOnlyMemory<byte> json, MarkNode marks)
    {
        IReadOnlyList<MarkedValue> values;
        try
        {
            values = MarkedValueLocator.FindStored(json.Span, marks, null, "");
        }
        catch (ProtectedValueException)
        {
            return "{}"u8.ToArray(); // The values cannot be located.
        }
        if (values.Count == 0)
            return json;
        var output = new ArrayBufferWriter<byte>(json.Length);
        var copied = 0;
        foreach (var value in values)
        {
            output.Write(json.Span[copied..value.Start]);
            output.Write(Encoding.UTF8.GetBytes(value.Mark.ErasedJson));
            copied = value.Start + value.Length;
        }
        output.Write(json.Span[copied..]);
        return output.WrittenMemory;
    }

    /// <summary>Returns an event without its marked values. CBOR becomes JSON.</summary>
    public static RecordedEvent Conceal(RecordedEvent recorded, MarkNode marks)
    {
        var stored = recorded.JsonPayload;
        var payload = Conceal(stored, marks);
        return payload.Equals(stored) ? recorded : recorded.Concealed(payload);
    }
}
