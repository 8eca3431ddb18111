using System.Text;
using System.Text.Json;
using Millrace.Erasing;

namespace Millrace.Tests.Erasing;

/// <summary>Tests the search for many values, and their replacement.</summary>
public sealed class ValueMatcherTests
{
    private static readonly JsonSerializerOptions Relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    [Theory]
    [InlineData("mail ada@example.org now", "Distinctive")]
    [InlineData("xada@example.orgx", "Distinctive")]
    [InlineData("ada@example.or", "None")]
    [InlineData("in London.", "Common")]
    [InlineData("Londonderry", "None")]
    [InlineData("\"London\"", "Common")]
    [InlineData("London, ada@example.org", "Distinctive")]
    [InlineData("", "None")]
    [InlineData("abc", "None")]
    public void A_value_is_found(string text, string expected)
    {
        var values = Values("\"ada@example.org\"", "\"London\"", "\"abc\"");

        Assert.Equal(expected, values.Matcher.Find(Encoding.UTF8.GetBytes(text)).ToString());
    }

    [Theory]
    [InlineData("J\u00fcrgen M\u00fcller-L\u00fcdenscheidt", "Common")]
    [InlineData("United Kingdom of Great Britain", "Common")]
    [InlineData("2011-12-09T12:50:00Z", "Common")]
    [InlineData("O'Brien & Sons <x> 12345678", "Distinctive")]
    public void A_value_is_found_in_every_form_of_JSON(string text, string expected)
    {
        var values = Values(JsonSerializer.Serialize(text));

        Assert.Equal(expected, values.Matcher.Find(Encoding.UTF8.GetBytes(text)).ToString());
        Assert.Equal(expected, values.Matcher.Find(JsonSerializer.SerializeToUtf8Bytes(text)).ToString());
        Assert.Equal(expected, values.Matcher.Find(JsonSerializer.SerializeToUtf8Bytes(text, Relaxed)).ToString());
    }

    [Fact]
    public void Random_values_are_found_where_a_simple_search_finds_them()
    {
        var random = new Random(7);
        for (var run = 0; run < 300; run++)
        {
            var matcher = new ValueMatcher();
            var values = Enumerable.Range(0, random.Next(1, 20)).Select(_ => Text(random, random.Next(4, 9))).ToArray();
            foreach (var value in values)
                matcher.Add(Encoding.UTF8.GetBytes(value), isDistinctive: true);
            var text = Text(random, 40);

            var expected = values.Any(value => text.Contains(value, StringComparison.Ordinal));
            Assert.True(
                expected == (matcher.Find(Encoding.UTF8.GetBytes(text)) == ValueMatch.Distinctive),
                $"run {run}: {text} in {string.Join(' ', values)}");
        }
    }

    [Fact]
    public void Members_of_objects_and_lists_are_values()
    {
        var values = Values("""{"street":"Long Street 12345","n":[4711000,12,"abcd"],"x":null,"y":true}""");

        Assert.Equal(3, values.Count);
        Assert.Equal(ValueMatch.Distinctive, values.Matcher.Find("at Long Street 12345"u8));
        Assert.Equal(ValueMatch.Common, values.Matcher.Find("4711000"u8));
    }

    [Fact]
    public void The_number_of_values_is_limited()
    {
        var values = new ErasedValues();
        for (var i = 0; i < 100_001; i++)
            values.Add(Encoding.UTF8.GetBytes($"\"value-{i}\""));

        Assert.True(values.IsPartial);
        Assert.Equal(100_000, values.Count);
        Assert.Equal(ErasedValues.Some, values.Search);
    }

    [Fact]
    public void Values_in_JSON_are_replaced()
    {
        using var json = JsonDocument.Parse(
            """{"a":["mail ada@example.org","London",{"b":"London"}],"n":4711000,"c":"Londonderry"}""");
        var values = Values("\"ada@example.org\"", "\"London\"", "4711000");

        var distinctive = new ValueRedactor(values.Matcher, includesCommon: false).Redact(json.RootElement);
        var all = new ValueRedactor(values.Matcher, includesCommon: true).Redact(json.RootElement);

        Assert.Equal(
            """{"a":["mail [erased]","London",{"b":"London"}],"n":4711000,"c":"Londonderry"}""",
            distinctive!.Value.GetRawText());
        Assert.Equal(
            """{"a":["mail [erased]","[erased]",{"b":"[erased]"}],"n":0,"c":"Londonderry"}""",
            all!.Value.GetRawText());
        Assert.Null(new ValueRedactor(Values("\"nothing\"").Matcher, includesCommon: true).Redact(json.RootElement));
    }

    private static string Text(Random random, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => (char)('a' + random.Next(2))));

    private static ErasedValues Values(params string[] json)
    {
        var values = new ErasedValues();
        foreach (var value in json)
            values.Add(Encoding.UTF8.GetBytes(value));
        return values;
    }
}
