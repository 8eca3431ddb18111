using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Millrace.Shared.Json;

namespace Millrace.Cli.Output;

/// <summary>Formats payloads as text: indented JSON, plain text, or other bytes in hexadecimal.</summary>
internal static class PayloadText
{
    private const int HexRowBytes = 16;
    private const int MaxHexBytes = 1024;
    private const int MaxTextBytes = 16 * 1024;

    /// <summary>Returns the payload as text, without a final line end.</summary>
    public static string Of(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty)
            return "(empty)";
        if (PayloadJson.IsJson(payload))
            return Shorten(PrettyJson.Of(payload, PayloadJson.MaxDepth), payload.Length);
        return IsText(payload)
            ? $"(not JSON, {payload.Length.ToString("N0", CultureInfo.InvariantCulture)} bytes of text)\n"
                + Shorten(Encoding.UTF8.GetString(payload), payload.Length)
            : $"(not JSON, {payload.Length.ToString("N0", CultureInfo.InvariantCulture)} bytes)\n" + Hex(payload);
    }

    private static bool IsText(ReadOnlySpan<byte> payload)
    {
        if (!Utf8.IsValid(payload))
            return false;
        foreach (var value in payload)
        {
            if (value is < 0x20 and not ((byte)'\n' or (byte)'\r' or (byte)'\t'))
                return false;
        }
        return true;
    }

    private static string Shorten(string text, int bytes) =>
        text.Length <= MaxTextBytes
            ? text
            : $"{text[..MaxTextBytes]}… ({bytes.ToString("N0", CultureInfo.InvariantCulture)} bytes; --raw shows all)";

    private static string Hex(ReadOnlySpan<byte> payload)
    {
        var text = new StringBuilder();
        for (var offset = 0; offset < payload.Length && offset < MaxHexBytes; offset += HexRowBytes)
        {
            var row = payload.Slice(offset, Math.Min(HexRowBytes, payload.Length - offset));
            text.Append(CultureInfo.InvariantCulture, $"{offset:x6} ");
            for (var i = 0; i < HexRowBytes; i++)
                text.Append(i < row.Length ? " " + row[i].ToString("x2", CultureInfo.InvariantCulture) : "   ");
            text.Append("  ");
            foreach (var value in row)
                text.Append(value is >= 0x20 and < 0x7f ? (char)value : '.');
            text.Append('\n');
        }
        if (payload.Length > MaxHexBytes)
            text.Append(CultureInfo.InvariantCulture, $"… {payload.Length:N0} bytes; --raw shows all\n");
        return text.ToString().TrimEnd('\n');
    }
}
