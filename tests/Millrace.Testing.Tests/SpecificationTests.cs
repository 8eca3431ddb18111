using Bakery;

namespace Millrace.Testing.Tests;

public sealed class SpecificationTests
{
    private static readonly Decider<int> Counter = new(
        "counter", () => 0, (count, happened) => happened is BreadBaked ? count + 1 : count);

    private const string Sacks =
        """{"mill":"0198c0de-0000-7000-8000-000000000001","sacks":[{"grain":"rye","kilos":1},{"grain":"rye","kilos":1}]}""";

    [Fact]
    public void The_events_of_a_command_are_specified() =>
        Specification.For<Oven, string>("left")
            .Given(new OvenHeated("left", 250))
            .When(oven => oven.Bake("rye"))
            .Then(new BreadBaked("left", "rye"));

    [Fact]
    public void A_command_without_events_is_specified() =>
        Specification
            .For<Oven, string>("left")
            .Given(new OvenHeated("left", 250))
            .When(oven => oven.Heat(250))
            .ThenNothing();

    [Fact]
    public void A_refusal_is_specified_by_the_name_of_its_rule() =>
        Specification.For<Oven, string>("left").When(oven => oven.Bake("rye")).ThenRefused("oven-hot");

    [Fact]
    public void Unexpected_and_missing_refusals_fail()
    {
        var refused = Specification.For<Oven, string>("left").When(oven => oven.Bake("rye"));
        var done = Specification.For<Oven, string>("left").When(oven => oven.Heat(200));

        Assert.Contains("too cold", Failure(() => refused.ThenNothing()), StringComparison.Ordinal);
        Assert.Contains("'oven-hot'", Failure(() => refused.ThenRefused("another-rule")), StringComparison.Ordinal);
        Assert.Contains("but it raised 1 event", Failure(() => done.ThenRefused("oven-hot")), StringComparison.Ordinal);
        Assert.Contains(
            "Expected FormatException", Failure(() => refused.ThenThrew<FormatException>()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_decider_is_specified_in_the_same_way()
    {
        var result = Specification.For(Counter)
            .Given(new BreadBaked("left", "rye"), new BreadBaked("left", "rye"))
            .When(count => [new OvenHeated("left", count)]);

        result.Then(new OvenHeated("left", 2));
        Assert.Throws<SpecificationException>(() => result.Then(new OvenHeated("left", 3)));
    }

    [Fact]
    public async Task A_repeated_key_of_an_event_is_folded_once()
    {
        var mill = new MillId(Guid.Parse("0198c0de-0000-7000-8000-000000000001"));
        var filled = new SacksFilled(mill, [new("rye", 25), new("oats", 25), new("rye", 25)]);

        Specification.For(new FillingsProjection())
            .When(filled)
            .Then("rye", new Fillings(1))
            .Then("oats", new Fillings(1))
            .ThenCount(2);
        Specification.ForProjection<BakeryModel>("fillings@1").Given("rye", """{"times":1}""")
            .When("sack.filled", Sacks, 2)
            .ThenDocument("""{"times":2}""");
        await Specification
            .ForHost<BakeryModel>()
            .Given(new StreamId("mill-1"), filled)
            .ThenReadModel("rye", new Fillings(1));
    }

    private static string Failure(Action specification) => Assert.Throws<SpecificationException>(specification).Message;
}
