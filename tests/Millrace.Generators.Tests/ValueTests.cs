using System.Globalization;
using System.Text.Json;
using Millrace.Generators.Tests.Shop;

namespace Millrace.Generators.Tests;

/// <summary>Tests generated ids and values. None can have an invalid value, and each has one text form.</summary>
public sealed class ValueTests
{
    [Fact]
    public void An_id_refuses_an_empty_value()
    {
        Assert.Throws<InvalidValueException>(() => new OrderId(Guid.Empty));
        Assert.Throws<InvalidValueException>(() => new CustomerId(""));
        Assert.Throws<InvalidValueException>(() => new WarehouseId(0));
        Assert.Throws<InvalidValueException>(() => new InvoiceNumber(0));
        Assert.Throws<ArgumentNullException>(() => new CustomerId(null!));
    }

    [Fact]
    public void An_id_refuses_a_value_that_its_own_rule_forbids()
    {
        var refused = Assert.Throws<InvalidValueException>(() => new InvoiceNumber(-1));

        Assert.Equal(("InvoiceNumber", "it is negative"), (refused.Type, refused.Problem));
    }

    [Fact]
    public void A_default_value_has_no_value_and_throws_when_read()
    {
        Assert.Throws<InvalidOperationException>(() => default(OrderId).Value);
        Assert.Throws<InvalidOperationException>(() => default(Email).Value);
        Assert.Throws<InvalidOperationException>(() => default(Quantity).Value);
        Assert.Equal("(no Quantity)", default(Quantity).ToString());
        Assert.True(default(Rate).IsDefault);
        Assert.False(Rate.From(0).IsDefault);
        Assert.NotEqual(default, Quantity.From(0));
    }

    [Fact]
    public void A_default_id_cannot_be_written()
        => Assert.Throws<InvalidOperationException>(() => JsonSerializer.Serialize(default(OrderId)));

    [Fact]
    public void A_value_can_only_be_created_if_its_rule_allows_it()
    {
        Assert.Equal("a@b", Email.From("a@b").Value);
        Assert.Throws<InvalidValueException>(() => Email.From("nobody"));
        Assert.False(Email.TryFrom("nobody", out _));
        Assert.False(Email.TryFrom(null, out _));
        Assert.True(Rate.TryFrom(0.5m, out var rate) && rate.Value == 0.5m);
    }

    [Theory]
    [InlineData("0193f0c2-0000-7000-8000-000000000001", true)]
    [InlineData("00000000-0000-0000-0000-000000000000", false)]
    [InlineData("order", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_text_is_parsed_or_refused_without_an_exception(string? text, bool isValid)
    {
        Assert.Equal(isValid, OrderId.TryParse(text, CultureInfo.InvariantCulture, out var order));
        Assert.Equal(isValid, OrderId.TryParse(text.AsSpan(), null, out _));
        Assert.Equal(isValid ? text : "(no OrderId)", order.ToString());
        if (!isValid)
            Assert.Throws<InvalidValueException>(() => OrderId.Parse(text!));
    }

    [Fact]
    public void The_text_is_the_same_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureWithDecimalComma();
        try
        {
            Assert.Equal("0.5", Rate.From(0.5m).ToString());
            Assert.Equal(0.5m, Rate.Parse("0.5").Value);
            Assert.Equal("2011-12-05", BusinessDay.From(new DateOnly(2011, 12, 5)).ToString());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Ids_and_values_are_written_as_the_JSON_of_their_content_without_configured_options()
    {
        var json = JsonSerializer.Serialize(new Dictionary<OrderId, Quantity> { [Order] = Quantity.From(3) });

        Assert.Equal("""{"0193f0c2-0000-7000-8000-000000000001":3}""", json);
        Assert.Equal(3, JsonSerializer.Deserialize<Dictionary<OrderId, Quantity>>(json)![Order].Value);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Quantity>("-1"));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Email>("\"nobody\""));
    }

    [Fact]
    public void New_ids_are_ordered_by_time()
    {
        var first = OrderId.New(new DateTimeOffset(2011, 12, 5, 0, 0, 0, TimeSpan.Zero));
        var second = OrderId.New(new DateTimeOffset(2011, 12, 5, 0, 0, 1, TimeSpan.Zero));

        Assert.True(first.CompareTo(second) < 0);
        Assert.Equal(7, OrderId.New().Value.Version);
    }

    [Fact]
    public void A_stream_is_named_by_the_text_of_an_id()
        => Assert.Equal("order-0193f0c2-0000-7000-8000-000000000001", StreamId.For("order", Order).Value);

    private static CultureInfo CultureWithDecimalComma()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberDecimalSeparator = ",";
        culture.DateTimeFormat.ShortDatePattern = "dd/MM/yyyy";
        return culture;
    }

    private static OrderId Order => new(Guid.Parse("0193f0c2-0000-7000-8000-000000000001"));
}
