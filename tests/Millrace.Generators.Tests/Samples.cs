using System.Collections.Immutable;
using System.Text.Json;
using Millrace.Generators.Tests.Shop;

namespace Millrace.Generators.Tests;

/// <summary>Instances of the test model with a value for every member.</summary>
internal static class Samples
{
    private static OrderId Order => new(Guid.Parse("0193f0c2-0000-7000-8000-000000000001"));

    public static EverythingHappened Everything { get; } = new(
        Text: "a \"quoted\" text, ünïcode, \ud83d\ude80",
        Flag: true,
        Letter: 'é',
        SByte: -128,
        Byte: 255,
        Int16: short.MinValue,
        UInt16: ushort.MaxValue,
        Int32: int.MinValue,
        UInt32: uint.MaxValue,
        Int64: long.MinValue,
        UInt64: ulong.MaxValue,
        Single: 1.5f,
        Double: Math.PI,
        Decimal: 79228162514264337593543950335m,
        Guid: Guid.Parse("0193f0c2-0000-7000-8000-0000000000aa"),
        DateTime: new DateTime(2011, 12, 5, 17, 30, 15, 123, DateTimeKind.Utc).AddTicks(4567),
        Instant: new DateTimeOffset(2011, 12, 5, 17, 30, 15, 123, TimeSpan.FromHours(-5)),
        Day: new DateOnly(2012, 2, 29),
        Time: new TimeOnly(23, 59, 59, 999),
        Duration: new TimeSpan(-1, -2, -3, -4, -5),
        Link: new Uri("https://example.org/a?b=c#d"),
        Bytes: [0, 1, 254, 255],
        Element: JsonDocument.Parse("""{"any":[1,"thing",null]}""").RootElement,
        Status: OrderStatus.PaidInFull,
        Access: Access.Read | Access.Write,
        Order: Order,
        Customer: new CustomerId("12345"),
        Warehouse: new WarehouseId(7),
        Invoice: new InvoiceNumber(536365),
        Email: Email.From("a@example.org"),
        Quantity: Quantity.From(0),
        Rate: Rate.From(0.19m),
        BusinessDay: BusinessDay.From(new DateOnly(2011, 12, 5)),
        Money: new Money(-3.20m, "GBP"),
        Temperature: new Temperature(21.5m),
        Collections: Collections,
        Optional: new Optional("text", 1, OrderStatus.Draft, 2m)
        {
            Count = 0,
            Email = Email.From("b@example.org"),
            Title = "title",
            Attempts = 9,
            Plain = 4,
            Names = ["x", "y"],
            Needed = "yes",
            Original = "o",
        },
        Tree: new Branch("root", [new Branch("child", [new Branch("leaf", [])], new Branch("left", []))]));

    private static Collections Collections =>
        new(
            Array: [1, 2, 3],
            List: ["a", "b"],
            Lines: [new OrderLine("85123A", 6), new OrderLine("71053")],
            Orders: [Order],
            Prices: [1.5m, 2m],
            Notes: ["a", null, "c"],
            Tags: ["red"],
            States: new HashSet<OrderStatus> { OrderStatus.Draft, OrderStatus.PaidInFull },
            Numbers: [3, 1, 2],
            Balances: new() { ["main"] = new Money(1, "EUR"), ["a \"b\""] = new Money(2, "USD") },
            ByOrder: new Dictionary<OrderId, OrderLine> { [Order] = new("22423", 2) },
            ByDay: ImmutableSortedDictionary<DateOnly, int?>
                .Empty.Add(new DateOnly(2011, 1, 4), 1)
                .Add(new DateOnly(2011, 1, 5), null),
            ByStatus: new() { [OrderStatus.PaidInFull] = [1, 2], [OrderStatus.Draft] = [] },
            ByNumber: new() { [-4] = ["x"], [10] = [] },
            ByAccess: new()
            {
                [Access.Read | Access.Write] = "all",
                [Access.None] = "none",
                [(Access)(-1)] = "any",
            },
            ByMoment: new()
            {
                [new DateTime(2011, 12, 5, 17, 30, 15, DateTimeKind.Utc)] = 1,
                [new DateTime(2011, 12, 6)] = 2,
            }
        );
}
