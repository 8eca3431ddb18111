using System.Text;

namespace Millrace.Kafka.Tests;

public sealed class HeaderCacheTests
{
    private const int Records = 20_000;
    private const int Seed = 4711;

    private readonly HeaderCache _cache = new();

    [Fact]
    public void Repeated_names_and_values_are_the_same_strings()
    {
        var (name, value) = Read("ce_type", "order.placed");
        Read("ce_id", "1");

        var again = Read("ce_type", "order.placed");

        Assert.Same(name, again.Name);
        Assert.Same(value, again.Value);
    }

    [Fact]
    public void Names_and_values_in_any_order_are_read_correctly()
    {
        var random = new Random(Seed);
        string[] names =
        [
            .. Enumerable.Range(0, 100).Select(number => $"x-{number}"),
            "",
            "größe",
            new string('n', 300),
        ];
        string[] values =
        [
            "",
            "a",
            "b",
            "ab",
            "größe",
            "\u00e4",
            "Ã¤",
            "日本語",
            "\0",
            new string('v', 300),
            new string('v', 256),
        ];
        for (var i = 0; i < Records; i++)
        {
            var (name, value) = (names[random.Next(names.Length)], values[random.Next(values.Length)]);
            Assert.Equal((name, value), Read(name, value));
        }
    }

    [Fact]
    public void Invalid_UTF8_is_read_with_replacement_characters()
    {
        byte[] bytes = [0x61, 0xFF, 0x62];
        var text = Encoding.UTF8.GetString(bytes);
        for (var i = 0; i < 2; i++)
            Assert.Equal((text, text), _cache.Read(bytes, bytes));
        // A different entry, because these bytes encode the replacement character.
        Assert.Equal((text, text), Read(text, text));
    }

    private (string Name, string Value) Read(string name, string value) =>
        _cache.Read(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
}
