using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.DeadLettering;

/// <summary>
/// Writes a C# test for a dead letter. The test handles the event and expects it to succeed. For a projection, the test
/// starts with the stored document.
/// </summary>
internal static class DeadLetterTestWriter
{
    private const int MinQuotes = 3;

    /// <summary>Writes a test of a projection.</summary>
    public static string Write(
        DeadLetter letter, RecordedEvent recorded, ReadOnlyMemory<byte>? document, string model)
    {
        if (document is { } body && !Utf8.IsValid(body.Span))
            throw NotTextError(letter);
        var text = StartText(letter, recorded, out var payload)
            .AppendLine(
                CultureInfo.InvariantCulture,
                $"    public void The_event_at_position_{letter.Position}_passes() => Specification")
            .AppendLine(CultureInfo.InvariantCulture, $"        .ForProjection<{model}>({Quote(letter.Consumer)})");
        if (letter.Key.Length > 0)
            WriteGiven(text, letter.Key, document);
        WriteWhen(text, recorded, payload, "        ");
        return text.AppendLine("        .ThenPasses();").AppendLine("}").ToString();
    }

    /// <summary>Writes a test of a consumer with a handler, whose definition is a C# expression.</summary>
    public static string WriteForHandler(DeadLetter letter, RecordedEvent recorded, string model, string handler)
    {
        var text = StartText(letter, recorded, out var payload)
            .AppendLine(
                CultureInfo.InvariantCulture,
                $"    public async System.Threading.Tasks.Task The_event_at_position_{letter.Position}_passes() => "
                    + $"(await Specification"
            )
            .AppendLine(CultureInfo.InvariantCulture, $"        .ForConsumer<{model}>({handler})");
        WriteWhen(text, recorded, payload, "        ");
        text.Length -= Environment.NewLine.Length;
        return text.AppendLine(")").AppendLine("        .ThenPasses();").AppendLine("}").ToString();
    }

    private static StringBuilder StartText(
        DeadLetter letter, RecordedEvent recorded, out ReadOnlyMemory<byte> payload)
    {
        payload = (letter.EditedPayload is { } edited ? recorded.With(edited) : recorded).ReadablePayload;
        if (!Utf8.IsValid(payload.Span))
            throw NotTextError(letter);
        return new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"// Dead letter {letter.Id} of {letter.Consumer}: ")
            .AppendLine(
                letter.ErrorType is { } type
                    ? UntrustedText.OneLine(type)
                    : "it was not handled yet, and waits behind another event.")
            .Append(
                letter.Message is { } message
                    ? $"// {UntrustedText.OneLine(message)}{Environment.NewLine}"
                    : "")
            .AppendLine("using Millrace.Testing;")
            .AppendLine("using Xunit;")
            .AppendLine()
            .AppendLine(CultureInfo.InvariantCulture, $"public sealed class DeadLetter{letter.Id}")
            .AppendLine("{")
            .AppendLine("    [Fact]");
    }

    private static DeadLetterRefusedException NotTextError(DeadLetter letter) =>
        new(letter.Id, "its payload is not text, so it cannot be written into a test.");

    private static void WriteWhen(
        StringBuilder text, RecordedEvent recorded, ReadOnlyMemory<byte> payload, string indent) =>
        text.Append(indent)
            .Append(".When(")
            .Append(Quote(recorded.Type))
            .Append(", ")
            .Append(Raw(payload))
            .AppendLine(",")
            .Append(indent)
            .Append(CultureInfo.InvariantCulture, $"    schemaVersion: {recorded.SchemaVersion}, stream: ")
            .Append(Quote(recorded.Stream.Value))
            .AppendLine(",")
            .Append(indent)
            .Append(
                CultureInfo.InvariantCulture,
                $"    version: {recorded.Version}, position: {recorded.Position}, timestamp: ")
            .Append(Quote(recorded.Timestamp.ToString("O", CultureInfo.InvariantCulture)))
            .AppendLine(")");

    private static void WriteGiven(StringBuilder text, string key, ReadOnlyMemory<byte>? document)
    {
        text.Append("        .Given(").Append(Quote(key));
        if (document is { } body)
            text.Append(", ").Append(Raw(body));
        text.AppendLine(")");
    }

    /// <summary>
    /// Returns a raw string literal, or an ordinary one if a raw one is not possible. A raw literal has more quotes at
    /// each end than any row of quotes in its content.
    /// </summary>
    private static string Raw(ReadOnlyMemory<byte> bytes)
    {
        var value = Encoding.UTF8.GetString(bytes.Span);
        if (value.Length == 0
            || value.AsSpan().IndexOfAny("\r\n") >= 0
            || value[0] == '"'
            || value[^1] == '"'
            || HasControl(value))
            return Quote(value);
        var longest = 0;
        var quotesInRow = 0;
        foreach (var character in value)
        {
            quotesInRow = character == '"' ? quotesInRow + 1 : 0;
            longest = Math.Max(longest, quotesInRow);
        }
        var quotes = new string('"', Math.Max(MinQuotes, longest + 1));
        return quotes + value + quotes;
    }

    private static bool HasControl(string value) => value.Any(UntrustedText.IsControl);

    private static string Quote(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var character in value)
        {
            _ = character is '"' or '\\' ? text.Append('\\').Append(character)
                : UntrustedText.IsControl(character)
                    ? text.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}")
                : text.Append(character);
        }
        return text.Append('"').ToString();
    }
}
