using System.Text;
using System.Text.Json;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>Tests dictionaries whose keys are enumeration values.</summary>
public sealed class EnumKeyTests
{
    private const string Source = """
        using System.Text.Json.Serialization;
        public enum Size { Small, Größe, [JsonStringEnumMemberName("\"x\\<&>'")] Quoted, [JsonStringEnumMemberName("a b")] Spaced }
        [Event("a")] public sealed record A(Dictionary<Size, int> Sizes);
        public static class Given
        {
            public static A Value => new(new() { [Size.Small] = 1, [Size.Größe] = 2, [Size.Quoted] = 3, [Size.Spaced] = 4 });
        }
        """;

    [Theory]
    [InlineData(EventFormat.Json)]
    [InlineData(EventFormat.Cbor)]
    public void Enumeration_keys_with_any_letters_are_read_back_unchanged(EventFormat format)
    {
        using var model = CompiledModel.Of(Source);
        var value = model.Given("Value");

        Assert.Equal(JsonSerializer.Serialize(value), JsonSerializer.Serialize(model.RoundTrip(value, format)));
    }

    [Fact]
    public void A_key_is_written_like_the_value()
    {
        using var model = CompiledModel.Of(Source);

        using var json = JsonDocument.Parse(model.Write(model.Given("Value"), EventFormat.Json));
        var names = json.RootElement.GetProperty("sizes").EnumerateObject().Select(member => member.Name);
        Assert.Equal(["small", "größe", "\"x\\<&>'", "a b"], names);
    }

    [Fact]
    public void A_key_that_an_earlier_build_escaped_twice_is_read()
    {
        using var model = CompiledModel.Of(Source);
        var stored = Encoding.UTF8.GetBytes("""
            {"sizes":{"small":1,"gr\\u00F6\\u00DFe":2,"\\u0022x\\\\\\u003C\\u0026\\u003E\\u0027":3,"a b":4}}
            """);

        var read = model.Read(model.Type("A"), stored, EventFormat.Json);

        Assert.Equal(JsonSerializer.Serialize(model.Given("Value")), JsonSerializer.Serialize(read));
    }
}
