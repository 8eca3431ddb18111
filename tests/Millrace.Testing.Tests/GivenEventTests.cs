using Bakery;

namespace Millrace.Testing.Tests;

/// <summary>Tests that a given event that cannot be folded is reported as a mistake of the specification.</summary>
public sealed class GivenEventTests
{
    private static readonly Decider<int> Baked = new(
        "oven",
        () => 0,
        (loaves, happened) =>
            happened is BreadBaked { Kind: "brick" }
                ? throw new InvalidOperationException("A brick is no loaf.")
                : loaves + 1);

    [Fact]
    public void The_failing_given_event_of_an_aggregate_is_reported_with_the_reason()
    {
        var oven = Specification.For<Oven>("left").Given(new OvenHeated("left", 250), new OvenHeated("left", -5));

        var failure = Assert.Throws<SpecificationException>(
            () => oven.When(target => target.Bake("rye")).ThenThrew<InvalidOperationException>());

        Assert.Equal(
            """Given event 2, OvenHeated {"oven":"left","degrees":-5}, makes the When of Oven throw InvalidOperationException: No oven """
            + "is that cold. A fold must not refuse an event: fix the fold or the given events.",
            failure.Message);
        Assert.IsType<InvalidOperationException>(failure.InnerException);
    }

    [Fact]
    public void The_failing_given_event_of_a_decider_or_projection_is_reported()
    {
        Assert.StartsWith(
            """Given event 1, BreadBaked {"oven":"left","kind":"brick"}, makes the Evolve of 'oven' throw InvalidOperationException""",
            Failure(() => Specification.For(Baked).WithModel<BakeryModel>().Given(new BreadBaked("left", "brick"))
                .When(_ => []).ThenThrew<InvalidOperationException>()),
            StringComparison.Ordinal);
        Assert.StartsWith(
            """Given event 2, BreadBaked {"oven":"left","kind":"brick"}, makes the Apply of LoavesProjection throw Invalid""",
            Failure(() => Specification.For(new LoavesProjection())
                .Given(new BreadBaked("left", "rye"), new BreadBaked("left", "brick"))
                .When(new BreadBaked("left", "rye")).ThenThrew<InvalidOperationException>()),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_raised_event_that_cannot_be_folded_is_an_outcome()
    {
        Specification
            .For(new LoavesProjection())
            .Given(new BreadBaked("left", "rye"))
            .When(new BreadBaked("left", "brick"))
            .ThenThrew<InvalidOperationException>();
        Specification.For<Oven>("left").When(oven => oven.Heat(-5)).ThenThrew<InvalidOperationException>();
        Specification
            .For(Baked)
            .WithModel<BakeryModel>()
            .When(_ => new BreadBaked("left", "brick"))
            .ThenThrew<InvalidOperationException>();
    }

    [Fact]
    public void Histories_report_a_given_event_that_cannot_be_folded() => Assert.StartsWith(
        """Given event 2, OvenHeated {"oven":"left","degrees":-5}, makes the When of Oven throw InvalidOperationException""",
        Failure(() => Histories.Of<Oven>("left")
            .Given(new OvenHeated("left", 250), new OvenHeated("left", -5))
            .Command("bake", oven => oven.Bake("rye"))
            .Check()),
        StringComparison.Ordinal);

    private static string Failure(Action specification) => Assert.Throws<SpecificationException>(specification).Message;
}
