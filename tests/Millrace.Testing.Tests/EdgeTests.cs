using System.Globalization;
using System.Text.RegularExpressions;
using Bakery;
using FsCheck.Fluent;

namespace Millrace.Testing.Tests;

/// <summary>Tests that mistakes at the limits of values are found and reported with the simplest arguments.</summary>
public sealed class EdgeTests
{
    private static readonly ModelGenerators Bakery = ModelGenerators.Of<BakeryModel>();

    [Fact]
    public void Values_at_the_limits_of_each_type_are_generated()
    {
        var fills = Bakery.Generate<FillBasket>().Sample(4_000);

        Assert.Superset(
            new HashSet<object> { 1, 750 }, fills.Select(fill => (object)fill.Portion.Value).ToHashSet());
        Assert.Superset(
            new HashSet<object> { 0.01m, 9_999.99m }, fills.Select(fill => (object)fill.Price.Value).ToHashSet());
        Assert.Superset(
            new HashSet<object> { 1, 70 }, fills.Select(fill => (object)fill.Label.Value.Length).ToHashSet());
        Assert.Contains(fills, fill => fill.At == DateTimeOffset.MinValue);
        Assert.Contains(fills, fill => fill.At == DateTimeOffset.MaxValue);
        Assert.Contains(fills, fill => fill.At.Offset == TimeSpan.FromHours(14));
        Assert.Superset(
            new HashSet<int?> { null, 0, 255, 256, 4_096 }, fills.Select(fill => fill.Note?.Length).ToHashSet());
        Assert.Contains(fills, fill => fill.Note is { } note && note.Any(char.IsSurrogate));
        Assert.DoesNotContain(fills, fill => fill.Note?.Contains('\0', StringComparison.Ordinal) == true);
    }

    [Fact]
    public void A_rule_of_a_record_limits_the_generated_members() =>
        Assert.Contains(0.01m, Bakery.Generate<Pay>().Sample(2_000).Select(pay => pay.Price.Amount));

    [Fact]
    public void Smallest_and_largest_numbers_are_generated()
    {
        var degrees = Bakery.Generate<HeatOven>().Sample(2_000).Select(heat => heat.Degrees).ToHashSet();

        Assert.Superset(new HashSet<int> { int.MinValue, -1, 0, 1, int.MaxValue }, degrees);
    }

    [Fact]
    public void Most_generated_values_are_ordinary() =>
        Assert.InRange(
            Bakery.Generate<HeatOven>().Sample(2_000).Count(heat => heat.Degrees is >= -100 and <= 1_000_000),
            1_700,
            1_999);

    [Fact]
    public async Task A_mistake_at_the_limit_of_a_value_is_found_and_shown_as_a_test()
    {
        var failure = Failure(Histories.Of<Basket>("one")
            .Command<FillBasket>((basket, fill) => basket.FillCarelessly(fill)));

        Assert.StartsWith(
            "After 1 command: 'FillBasket' threw NotSupportedException: The basket is too full.",
            failure,
            StringComparison.Ordinal);
        Assert.Matches(
            "\n    var fill = new FillBasket\\(\"\", Portion.From\\(750\\), Label.From\\(\"[aA0]\"\\), "
            + "new DateTimeOffset\\(2020, 1, 1, 0, 0, 0, TimeSpan.Zero\\), Amount.From\\(1(\\.0+)?m\\), null\\);\n",
            failure);
        Assert.EndsWith(
            """
            Specification.For<Basket>("one")
                    .When(basket => basket.FillCarelessly(fill))
                    .ThenNothing();
            """.ReplaceLineEndings("\n"),
            TestIn(failure),
            StringComparison.Ordinal);
        var pasted = Assert.IsType<SpecificationException>(await CompiledTest.RunLines(TestIn(failure)));
        Assert.IsType<NotSupportedException>(pasted.InnerException);
    }

    [Fact]
    public async Task A_mistake_with_a_short_text_is_shrunk_to_the_shortest_example()
    {
        var failure = Failure(Histories.Of<Basket>("one")
            .Command("fill", Bakery.Arbitrary<FillBasket>(), (basket, fill) => basket.Fill(fill))
            .Command<FillBasket>((basket, fill) =>
            {
                if (fill.Note is not null)
                    basket.Print(fill);
            }));

        Assert.Contains("ArgumentOutOfRangeException", failure, StringComparison.Ordinal);
        Assert.Contains("\"note\":\"\"}", failure, StringComparison.Ordinal);
        Assert.IsType<SpecificationException>(await CompiledTest.RunLines(TestIn(failure)));
    }

    [Fact]
    public void A_mistake_at_the_latest_date_is_found()
    {
        var failure = Failure(Histories.Of<Basket>("one").Command<FillBasket>((basket, fill) => basket.Date(fill)));

        Assert.Contains("ArgumentOutOfRangeException", failure, StringComparison.Ordinal);
        Assert.Contains("9999-12-31T", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_generated_test_contains_the_earlier_events_and_the_rule()
    {
        var failure = Failure(Histories.Of<Basket>("one")
            .Command<FillBasket>((basket, fill) => basket.Fill(fill))
            .Always("room", basket => basket.Version < 2));

        Assert.StartsWith("After 2 commands: 'room' does not hold.", failure, StringComparison.Ordinal);
        Assert.Contains("        .Given(new BasketFilled(\"one\", Portion.From(", failure, StringComparison.Ordinal);
        Assert.Contains("        .ThenState(basket => basket.Version < 2, true);", failure, StringComparison.Ordinal);
        var pasted = Assert.IsType<SpecificationException>(await CompiledTest.RunLines(TestIn(failure)));
        Assert.StartsWith("The state is not as expected.", pasted.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_generated_test_of_a_decider_fails_in_the_same_way()
    {
        var failure = Failure(() => Histories.Of(Shelves.Decider)
            .Command<PutLoaves>(FaultyShelves.PutCarelessly)
            .Always("shelf-within-bounds", shelf => shelf.Count <= Shelves.Room)
            .Always("no-negative", shelf => Assert.True(shelf.Count >= 0))
            .Check(runs: 500));

        Assert.Contains(
            "        .When(state => FaultyShelves.PutCarelessly(new PutLoaves(new ShelfId(\"",
            failure,
            StringComparison.Ordinal);
        var counts = Regex.Matches(failure, """PutLoaves \{"shelf":"[^"]*","count":(\d+)\}""");
        Assert.Equal(
            Shelves.Room + 1, counts.Sum(count => int.Parse(count.Groups[1].Value, CultureInfo.InvariantCulture)));
        Assert.IsType<SpecificationException>(await CompiledTest.RunLines(TestIn(failure)));
    }

    [Fact]
    public async Task An_undefined_enum_value_is_written_as_code_that_compiles()
    {
        var pay = new Pay(new TillId("one"), new Price(1, Currency.From("EUR")), (PaymentKind)(-1), []);

        var failure = Failure(() => Histories.Of<FaultyTill>(new TillId("one"))
            .Command("pay", Gen.Constant(pay), (till, pay) => till.PayByKind(pay))
            .Check(runs: 10));

        Assert.Contains("(PaymentKind)(-1)", TestIn(failure), StringComparison.Ordinal);
        var pasted = Assert.IsType<SpecificationException>(await CompiledTest.RunLines(TestIn(failure)));
        Assert.IsType<NotSupportedException>(pasted.InnerException);
    }

    [Fact]
    public void Values_of_a_custom_generator_are_shrunk_to_values_of_that_generator() => Assert.StartsWith(
        "After 1 command: 'heat' threw NotSupportedException: Too hot.\n\nHistory\n    1. heat 5\n",
        Failure(Histories.Of<Basket>("one")
            .Command("heat", Gen.Elements(700, 5, 90_000), (_, _) => throw new NotSupportedException("Too hot."))),
        StringComparison.Ordinal);

    [Fact]
    public void Values_of_generators_passed_to_With_are_not_shrunk_to_others()
    {
        var failure = Failure(Histories.Of<Basket>("one")
            .WithGenerators(Bakery.With(Gen.Elements(Portion.From(300), Portion.From(400))))
            .Command<FillBasket>((_, _) => throw new NotSupportedException("No.")));

        Assert.Matches("\"portion\":(300|400),", failure);
    }

    [Fact]
    public void Shrinking_ends_and_keeps_every_rule()
    {
        var arbitrary = Bakery.Arbitrary<FillBasket>();
        foreach (var start in Bakery.Generate<FillBasket>().Sample(30))
        {
            var (fill, steps) = (start, 0);
            while (arbitrary.Shrinker(fill).FirstOrDefault() is { } simpler)
                (fill, steps) = (simpler, steps + 1);

            Assert.InRange(steps, 0, 200);
            Assert.Equal(
                new FillBasket(
                    "", Portion.From(1), Label.From("a"), new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), fill.Price, null),
                fill with
                {
                    Label = Label.From(fill.Label.Value.Length == 1 ? "a" : fill.Label.Value),
                }
            );
        }
    }

    private static string TestIn(string failure) =>
        failure[
            (failure.IndexOf("As a test\n", StringComparison.Ordinal) + 10)..failure.IndexOf(
                "\n\nAgain", StringComparison.Ordinal)
        ];

    private static string Failure(AggregateHistories<Basket> histories) => Failure(() => histories.Check(runs: 2_000));

    private static string Failure(Action check) => Assert.Throws<SpecificationException>(check).Message;
}
