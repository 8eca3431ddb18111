using System.Text.Json;
using System.Text.Json.Nodes;
using Millrace.Generators.Tests.Shop;

namespace Millrace.Generators.Tests;

/// <summary>Tests how the generated converters of a model write and read JSON.</summary>
public sealed class ModelJsonOptionsSetupTests
{
    private static readonly OrderId Order = new(Guid.Parse("0193f0c2-0000-7000-8000-000000000001"));

    [Fact]
    public void An_event_is_written_in_camel_case_without_absent_values()
    {
        var placed = new OrderPlaced(Order, new Money(12.50m, "EUR"), new DateOnly(2011, 12, 5));

        var json = JsonSerializer.Serialize(placed, ShopModel.Json);

        Assert.Equal(
            """{"order":"0193f0c2-0000-7000-8000-000000000001","total":{"amount":12.50,"currency":"EUR"},"day":"2011-12-05"}""",
            json);
    }

    [Fact]
    public void Members_of_every_type_are_read_back_unchanged_from_JSON()
    {
        var json = JsonSerializer.Serialize(Samples.Everything, ShopModel.Json);
        var again = JsonSerializer.Deserialize<EverythingHappened>(json, ShopModel.Json);

        Assert.Equal(json, JsonSerializer.Serialize(again, ShopModel.Json));
        Assert.Equal(Samples.Everything.Money, again!.Money);
        Assert.Equal(Samples.Everything.Optional with { Names = null }, again.Optional with { Names = null });
        Assert.Equal(Samples.Everything.Collections.Lines, again.Collections.Lines);
        Assert.Equal(Samples.Everything.Collections.ByDay, again.Collections.ByDay);
        Assert.Equal("leaf", again.Tree.Children[0].Children[0].Name);
    }

    [Fact]
    public void A_computed_member_is_not_stored_as_extension_data_and_is_written_once()
    {
        const string Json = """{"number":2,"twice":4,"more":[1]}""";

        var doubled = JsonSerializer.Deserialize<NumberDoubled>(Json, ShopModel.Json);

        Assert.Equal(Json, JsonSerializer.Serialize(doubled, ShopModel.Json));
    }

    [Fact]
    public void A_missing_member_is_a_JSON_error_that_names_the_member()
    {
        var complete = JsonNode.Parse(JsonSerializer.Serialize(Samples.Everything, ShopModel.Json))!.AsObject();

        foreach (var name in complete.Select(member => member.Key))
        {
            var without = complete.DeepClone().AsObject();
            without.Remove(name);

            var text = without.ToJsonString();
            var refused = Assert.Throws<JsonException>(() =>
                JsonSerializer.Deserialize<EverythingHappened>(text, ShopModel.Json));

            Assert.Contains($"'{name}'", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_member_with_JSON_of_a_wrong_kind_is_a_JSON_error_that_names_a_member()
    {
        var complete = JsonNode.Parse(JsonSerializer.Serialize(Samples.Everything, ShopModel.Json))!.AsObject();

        foreach (
            var name in complete
                .Select(member => member.Key)
                .Where(name => name is not "element" and not "temperature"))
        {
            foreach (var wrong in new[] { "null", "true", "[1]", "{\"a\":{}}", "-1e999", "\"\\u0000\"", "\"\"" })
            {
                if ((name, wrong)
                    is
                        ("flag", "true")
                        or
                        ("text", "\"\\u0000\"")
                        or
                        ("text", "\"\"")
                        or
                        ("letter", "\"\\u0000\"")
                        or
                        ("bytes", "\"\"")
                        or
                        ("link", "\"\"")
                        or
                        ("link", "\"\\u0000\"")
                        or
                        ("customer", "\"\\u0000\""))
                    continue;
                var changed = complete.DeepClone().AsObject();
                changed.Remove(name);
                var text = changed.ToJsonString().Insert(1, $"\"{name}\":{wrong},");

                var refused = Record.Exception(() =>
                    JsonSerializer.Deserialize<EverythingHappened>(text, ShopModel.Json));

                var namesMember = refused is JsonException && refused.Message.Contains('\'', StringComparison.Ordinal);
                Assert.True(namesMember, $"{name} = {wrong}: {refused}");
            }
        }
    }

    [Fact]
    public void Unknown_members_are_skipped_in_any_order()
    {
        const string Json = """
            {"more":{"a":[1,{"b":null}]},"day":"2011-12-05","total":{"currency":"EUR","x":[],"amount":1},
            "order":"0193f0c2-0000-7000-8000-000000000001","z":1}
            """;

        var placed = JsonSerializer.Deserialize<OrderPlaced>(Json, ShopModel.Json);

        Assert.Equal(new OrderPlaced(Order, new Money(1, "EUR"), new DateOnly(2011, 12, 5)), placed);
    }

    [Fact]
    public void Absent_optional_members_get_their_default_values()
    {
        var optional = JsonSerializer.Deserialize<Optional>("""{"needed":"it"}""", ShopModel.Json);

        Assert.Equal(new Optional { Needed = "it" }, optional);
        Assert.Equal(("untitled", 3, 7), (optional!.Title, optional.Attempts, optional.Number));
        Assert.Equal((OrderStatus.Placed, -1.5m), (optional.Status, optional.Price));
    }

    [Fact]
    public void An_exception_of_a_constructor_becomes_a_JSON_error_that_names_the_member()
    {
        const string Json = """
            {"order":"0193f0c2-0000-7000-8000-000000000001","total":{"amount":1,"currency":"EURO"},"day":"2011-12-05"}
            """;

        var refused = Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<OrderPlaced>(Json, ShopModel.Json));

        Assert.Contains("'total'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("three letters", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void JSON_that_is_nested_too_deeply_is_an_error()
    {
        var deep = string.Concat(Enumerable.Repeat("""{"name":"a","children":[""", 200)) + string.Concat(Enumerable.Repeat("]}", 200));

        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Branch>(deep, ShopModel.Json));
    }

    [Fact]
    public void A_required_member_that_is_null_cannot_be_written()
    {
        var invalid = new OrderPaid(Order, null!);

        var refused = Assert.Throws<JsonException>(() => JsonSerializer.Serialize(invalid, ShopModel.Json));

        Assert.Contains("'payment'", refused.Message, StringComparison.Ordinal);
    }
}
