using System.Text.Json;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>Tests members that are collections of collections.</summary>
public sealed class CollectionMemberTests
{
    [Theory]
    [InlineData("IReadOnlyList<int>[]")]
    [InlineData("IList<int>[]")]
    [InlineData("List<int>[]")]
    [InlineData("IReadOnlyList<IList<int>>[]")]
    [InlineData("IList<int>[][]")]
    [InlineData("IReadOnlyList<IList<int>[]>")]
    [InlineData("IReadOnlyDictionary<string, IList<int>[]>")]
    public void Arrays_of_lists_are_read_back_unchanged_in_JSON_and_CBOR(string type)
    {
        var items = type switch
        {
            "IReadOnlyList<IList<int>>[]" or "IReadOnlyList<IList<int>[]>" or "IList<int>[][]" =>
                "[[[1, 2], []], [[3]]]",
            "IReadOnlyDictionary<string, IList<int>[]>" =>
                "new Dictionary<string, IList<int>[]> { [\"a\"] = [new List<int> { 1, 2 }, new List<int>()] }",
            _ => "[[1, 2], [], [3]]",
        };
        using var model = CompiledModel.Of($$"""
            [Event("a")] public sealed record A({{type}} Items);
            public static class Given { public static A Value => new({{items}}); }
            """);
        var value = model.Given("Value");
        var expected = JsonSerializer.Serialize(value, value.GetType());
        Assert.Contains("[1,2]", expected, StringComparison.Ordinal);

        foreach (var format in new[] { EventFormat.Json, EventFormat.Cbor })
        {
            var again = model.RoundTrip(value, format);
            Assert.Equal(expected, JsonSerializer.Serialize(again, again.GetType()));
        }
    }
}
