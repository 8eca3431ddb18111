using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Millrace.Testing.Generation;

/// <summary>
/// Simplifies texts, numbers and times, to values that are shorter, rounder or nearer to zero. Each step is simpler
/// than the previous step, so that shrinking soon completes. The steps halve the distance, so that few steps find a
/// limit.
/// </summary>
internal static class PrimitiveShrinker
{
    private const int MaxReplacedCharacters = 64;

    private static readonly DateTimeOffset Simple = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly string SimpleGuid = new Guid(1, 0, 0, new byte[8]).ToString();

    public static IEnumerable<JsonNode?> Of(Type type, JsonNode node)
    {
        if (node.GetValueKind() == JsonValueKind.Number)
            return Numbers(node).Select(number => (JsonNode?)JsonValue.Create(number));
        if (node.GetValueKind() == JsonValueKind.True)
            return [JsonValue.Create(false)];
        if (node.GetValueKind() != JsonValueKind.String)
            return [];
        var text = node.ToString();
        // A number that is the key of a map entry is written as a text.
        if (PrimitiveEdges.IsNumber(type))
            return Numbers(node)
                .Select(number => (JsonNode?)JsonValue.Create(number.ToString(CultureInfo.InvariantCulture)));
        var simpler =
            type == typeof(string) ? Texts(text)
            : type == typeof(char) ? Texts(text).Where(one => one.Length == 1)
            : type == typeof(Guid) && text != SimpleGuid ? [SimpleGuid]
            : type == typeof(DateTimeOffset)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var time)
                ? Times(time)
            : type == typeof(DateOnly) && text != "2020-01-01" ? ["2020-01-01"]
            : type == typeof(TimeSpan) && text != "00:00:00" ? ["00:00:00"]
            : Enumerable.Empty<string>();
        return simpler.Select(one => (JsonNode?)JsonValue.Create(one));
    }

    private static IEnumerable<decimal> Numbers(JsonNode node)
    {
        if (!decimal.TryParse(node.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            yield return 0;
            yield break;
        }
        if (number == 0)
            yield break;
        yield return 0;
        if (number < 0 && number != decimal.MinValue)
            yield return -number;
        var whole = decimal.Truncate(number);
        if (whole != number)
        {
            yield return whole;
            if (whole == 0)
                yield return Math.Sign(number); // Rounder, although farther away: zero is often refused.
            if (decimal.Round(number, 2, MidpointRounding.ToZero) is var cents && cents != number)
                yield return cents;
        }
        for (var part = decimal.Truncate(whole / 2); part != 0; part = decimal.Truncate(part / 2))
            yield return whole - part;
        if (whole is > 1 or < -1)
            yield return whole - Math.Sign(whole);
    }

    private static IEnumerable<string> Texts(string text)
    {
        for (var part = text.Length; part > 0; part /= 2)
        {
            var end = text.Length - part;
            if (end > 0 && char.IsHighSurrogate(text[end - 1]))
                end--; // Never split a surrogate pair.
            yield return text[..end];
        }
        if (text.Length > 1)
            yield return text[(char.IsHighSurrogate(text[0]) ? 2 : 1)..];
        var plain = string.Concat(text.Select(Plain));
        if (plain != text)
            yield return plain;
        for (var i = 0; i < Math.Min(text.Length, MaxReplacedCharacters); i++)
        {
            if (Plain(text[i]) != text[i] && !char.IsSurrogate(text[i]))
                yield return string.Concat(text.AsSpan(0, i), Plain(text[i]).ToString(), text.AsSpan(i + 1));
        }
    }

    private static char Plain(char one) => char.IsDigit(one) ? '0' : char.IsUpper(one) ? 'A' : 'a';

    private static IEnumerable<string> Times(DateTimeOffset time)
    {
        DateTimeOffset[] simpler =
        [
            Simple,
            new(time.Date, TimeSpan.Zero),
            new(time.DateTime, TimeSpan.Zero),
            time.AddTicks(-(time.Ticks % TimeSpan.TicksPerSecond)),
        ];
        return time == Simple && time.Offset == TimeSpan.Zero
            ? []
            : simpler
                .Where(one => !one.EqualsExact(time))
                .Distinct()
                .Select(one => one.ToString("O", CultureInfo.InvariantCulture));
    }
}
