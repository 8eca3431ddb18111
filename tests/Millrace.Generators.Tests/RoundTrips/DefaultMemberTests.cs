using System.Globalization;

namespace Millrace.Generators.Tests.RoundTrips;

/// <summary>Tests members that are not written while they have the default value of their type.</summary>
public sealed class DefaultMemberTests
{
    [Theory]
    [InlineData("double", "-0.0", "double.IsNegative(Given.Value.X)")]
    [InlineData("float", "-0.0f", "float.IsNegative(Given.Value.X)")]
    [InlineData("decimal", "0.00m", "Given.Value.X.Scale == 2")]
    [InlineData("DateTime", "new DateTime(0, DateTimeKind.Utc)", "Given.Value.X.Kind == DateTimeKind.Utc")]
    [InlineData(
        "DateTimeOffset",
        "new DateTimeOffset(36_000_000_000, TimeSpan.FromHours(1))",
        "Given.Value.X.Offset.Hours == 1")]
    public void A_value_that_only_equals_the_default_is_read_back_unchanged(string type, string value, string check)
    {
        using var model = CompiledModel.Of(Source(type, value, check));
        Assert.Equal(true, model.Given("IsOther"));
        var given = model.Given("Value");

        foreach (var format in new[] { EventFormat.Json, EventFormat.Cbor })
            Assert.Equal(TextOf(given), TextOf(model.RoundTrip(given, format)));
    }

    [Theory]
    [InlineData("double")]
    [InlineData("float")]
    [InlineData("decimal")]
    [InlineData("DateTime")]
    [InlineData("DateTimeOffset")]
    [InlineData("Guid")]
    [InlineData("int")]
    public void The_default_value_is_not_written(string type)
    {
        using var model = CompiledModel.Of(Source(type, "default", "true"));

        Assert.Equal("{}"u8.ToArray(), model.Write(model.Given("Value"), EventFormat.Json));
        Assert.Equal([0xA0], model.Write(model.Given("Value"), EventFormat.Cbor));
    }

    private static string Source(string type, string value, string check) => $$"""
        using System.Text.Json.Serialization;
        [Event("a")] public sealed record A([property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] {{type}} X);
        public static class Given
        {
            public static A Value => new({{value}});
            public static object IsOther => {{check}};
        }
        """;

    private static string TextOf(object given) => given.GetType().GetProperty("X")!.GetValue(given) switch
    {
        DateTime moment => moment.ToString("O", CultureInfo.InvariantCulture),
        DateTimeOffset moment => moment.ToString("O", CultureInfo.InvariantCulture),
        var number => Convert.ToString(number, CultureInfo.InvariantCulture)!,
    };
}
