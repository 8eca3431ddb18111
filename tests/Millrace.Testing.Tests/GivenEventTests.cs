using Bakery;

namespace Millrace.Testing.Tests;

/// <summary>That what was given cannot be folded is the specification's mistake, and nothing that came of a
/// command.</summary>
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
    public void An_aggregate_says_which_event_and_why()
    {
        var oven = Specification.For<Oven>("left").Given(new OvenHeated("left", 250), new OvenHeated("left", -5));

        var failure = Assert.Throws<SpecificationException>(
            () => oven.When(one => one.Bake("rye")).ThenThrew<InvalidOperationException>());

        Assert.Equal(
            """Given event 2, OvenHeated {"oven":"left","degrees":-5}, makes the When of Oven throw InvalidOperationException: No oven """
            + "is that cold. A fold must not refuse an event: fix the fold or the given events.",
            failure.Message);
        Assert.IsType<InvalidOperationException>(failure.InnerException);
    }

    [Fact]
    public void A_decider_and_a_projection_do_as_well()
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
    public void What_comes_and_cannot_be_folded_is_an_outcome_as_before()
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
    public void Histories_that_cannot_start_say_so_before_they_do() => Assert.StartsWith(
        """Given event 2, OvenHeated {"oven":"left","degrees":-5}, makes the When of Oven throw InvalidOperationException""",
        Failure(() => Histories.Of<Oven>("left")
            .Given(new OvenHeated("left", 250), new OvenHeated("left", -5))
            .Command("bake", oven => oven.Bake("rye"))
            .Check()),
        StringComparison.Ordinal);

    private static string Failure(Action specification) => Assert.Throws<SpecificationException>(specification).Message;
}
