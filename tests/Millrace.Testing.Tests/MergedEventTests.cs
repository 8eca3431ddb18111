using Bakery;

namespace Millrace.Testing.Tests;

/// <summary>Tests that two events that a store merges are merged in every specification.</summary>
public sealed class MergedEventTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Decider<string> Diary = new(
        "dough", () => "", (seen, happened) => $"{seen} {happened.GetType().Name}".Trim());

    [Fact]
    public void Given_events_of_an_aggregate_are_merged() => Specification.For<Dough>("rye")
        .Given(new FlourWeighed("rye", 5), new WaterWeighed("rye", 3))
        .GivenStored("flour.weighed", 1, """{"batch":"rye","kilos":7}""")
        .GivenStored("water.weighed", 1, """{"batch":"rye","litres":4}""")
        .When(_ => { })
        .ThenState(dough => dough.Seen, ["dough 5/3", "dough 7/4"])
        .ThenState(dough => dough.Version, 4);

    [Fact]
    public void Given_events_of_a_decider_and_a_projection_are_merged()
    {
        Specification.For(Diary).WithModel<BakeryModel>()
            .Given(new FlourWeighed("rye", 5), new WaterWeighed("rye", 3)).When(_ => []).ThenState("DoughWeighed");
        Specification.For(new BatchesProjection())
            .Given(new FlourWeighed("rye", 5), new WaterWeighed("rye", 3))
            .When(new FlourWeighed("rye", 5), new WaterWeighed("rye", 3))
            .Then("rye", new Batch("rye", 2));
    }

    [Fact]
    public void Events_that_the_store_would_not_merge_are_not_merged()
    {
        Specification.For<Dough>("rye")
            .At(Noon).Given(new FlourWeighed("rye", 5)).At(Noon.AddTicks(10)).Given(new WaterWeighed("rye", 3))
            .When(_ => { })
            .ThenState(dough => dough.Seen, ["flour 5", "water 3"]);
        Specification.For(Diary).WithModel<BakeryModel>()
            .At(Noon).Given(new FlourWeighed("rye", 5)).At(Noon.AddTicks(10)).Given(new WaterWeighed("rye", 3))
            .When(_ => []).ThenState("FlourWeighed WaterWeighed");
        Specification.For(new BatchesProjection())
            .In(new StreamId("dough-rye")).Given(new FlourWeighed("rye", 5))
            .In(new StreamId("dough-oats")).When(new WaterWeighed("rye", 3))
            .ThenCount(0);
    }

    [Fact]
    public async Task Raised_events_can_be_expected_merged_or_not()
    {
        Specification.For<Dough>("rye").When(dough => dough.Weigh(5, 3))
            .Then(new FlourWeighed("rye", 5), new WaterWeighed("rye", 3))
            .Then(new DoughWeighed("rye", 5, 3));
        await Specification
            .ForHost<BakeryModel>()
            .When(
                async (host, cancel) =>
                    await host.Store.Append(
                        new StreamId("dough-rye"),
                        ExpectedVersion.Any,
                        [new FlourWeighed("rye", 5), new WaterWeighed("rye", 3)],
                        cancel))
            .Then(new FlourWeighed("rye", 5), new WaterWeighed("rye", 3))
            .Then(new DoughWeighed("rye", 5, 3))
            .ThenReadModel("rye", new Batch("rye", 1), projection: "batches");
    }

    [Fact]
    public void A_history_is_replayed_with_merged_events() => Assert.Contains(
        """
        State (- live, + replayed)
            - seen[0]: "flour 5"
            + seen[0]: "dough 5/3"
            - seen[1]: "water 3"
        """.ReplaceLineEndings("\n"),
        Assert.Throws<SpecificationException>(
            () => Histories.Of<Dough>("rye").Command("weigh", dough => dough.Weigh(5, 3)).Check())
            .Message.ReplaceLineEndings("\n"),
        StringComparison.Ordinal);
}
