using System.Text;
using Bakery;
using Millrace.Testing.Differences;

namespace Millrace.Testing.Tests;

/// <summary>Tests the exact messages of failing specifications.</summary>
public sealed class FailureTextTests
{
    private static readonly MillId Mill = new(Guid.Parse("0198c0de-0000-7000-8000-000000000001"));

    private readonly SpecificationResult<Oven> _baked =
        Specification.For<Oven>("left").Given(new OvenHeated("left", 250)).When(oven => oven.Bake("rye"));

    [Fact]
    public void Only_different_members_are_marked() => AssertMessage(
        """
        Expected 1 event, but 1 differs.

        Given
            1. OvenHeated {"oven":"left","degrees":250}

        Then (- expected, + actual)
          ~ 1. BreadBaked
               - kind: "wheat"
               + kind: "rye"
        """,
        () => _baked.Then(new BreadBaked("left", "wheat")));

    [Fact]
    public void A_missing_event_does_not_affect_the_events_after_it() => AssertMessage(
        """
        Expected 3 events, but 1 is missing.

        Given
            nothing

        Then (- expected, + actual)
          - 1. SacksFilled {"mill":"0198c0de-0000-7000-8000-000000000001","sacks":[]}
            2. GrainGround {"mill":"0198c0de-0000-7000-8000-000000000001","grain":"rye","kilos":5} (found at 1)
            3. DustSettled {"mill":"0198c0de-0000-7000-8000-000000000001"} (found at 2)
        """,
        () => Ground().Then(new SacksFilled(Mill, []), new GrainGround(Mill, "rye", 5), new DustSettled(Mill)));

    [Fact]
    public void An_unexpected_event_is_shown_at_its_position() => AssertMessage(
        """
        Expected 1 event, but 1 was not expected.

        Given
            nothing

        Then (- expected, + actual)
          + 1. GrainGround {"mill":"0198c0de-0000-7000-8000-000000000001","grain":"rye","kilos":5}
            1. DustSettled {"mill":"0198c0de-0000-7000-8000-000000000001"} (found at 2)
        """,
        () => Ground().Then(new DustSettled(Mill)));

    [Fact]
    public void A_different_order_is_reported() => AssertMessage(
        """
        Expected 2 events, but 1 is missing, 1 was not expected.

        Given
            nothing

        Then (- expected, + actual)
          - 1. DustSettled {"mill":"0198c0de-0000-7000-8000-000000000001"} (found at 2)
            2. GrainGround {"mill":"0198c0de-0000-7000-8000-000000000001","grain":"rye","kilos":5} (found at 1)
          + 2. DustSettled {"mill":"0198c0de-0000-7000-8000-000000000001"}
        """,
        () => Ground().Then(new DustSettled(Mill), new GrainGround(Mill, "rye", 5)));

    [Fact]
    public void Only_different_items_of_a_list_are_shown() => AssertMessage(
        """
        Expected 1 event, but 1 differs.

        Given
            nothing

        Then (- expected, + actual)
          ~ 1. SacksFilled
               - sacks[1].kilos: 21
               + sacks[1].kilos: 20
               + sacks[2]: {"grain":"corn","kilos":1}
        """,
        () => Specification.For<Mill>(Mill)
            .When(mill => mill.Fill(new Sack("rye", 25), new Sack("oats", 20), new Sack("corn", 1)))
            .Then(new SacksFilled(Mill, [new("rye", 25), new("oats", 21)])));

    [Fact]
    public void An_unexpected_refusal_is_shown_with_the_expected_events() => AssertMessage(
        """
        Expected 1 event, but 'oven-hot' refused: The oven is too cold for bread.

        Given
            nothing

        Expected
            1. BreadBaked {"oven":"left","kind":"rye"}
        """,
        () => Specification.For<Oven>("left").When(oven => oven.Bake("rye")).Then(new BreadBaked("left", "rye")));

    [Fact]
    public void A_missing_refusal_is_shown_with_the_raised_events() => AssertMessage(
        """
        Expected a refusal by 'oven-hot', but it raised 1 event.

        Given
            1. OvenHeated {"oven":"left","degrees":250}

        Raised
            1. BreadBaked {"oven":"left","kind":"rye"}
        """,
        () => _baked.ThenRefused("oven-hot"));

    [Fact]
    public void A_refusal_by_another_rule_is_shown_with_its_rule() => AssertMessage(
        """
        Expected a refusal by 'something-else', but 'oven-hot' refused: The oven is too cold for bread.

        Given
            nothing
        """,
        () => Specification.For<Oven>("left").When(oven => oven.Bake("rye")).ThenRefused("something-else"));

    [Fact]
    public void A_missing_event_is_reported_if_no_event_was_raised() => AssertMessage(
        """
        Expected 1 event, but nothing happened.

        Given
            1. OvenHeated {"oven":"left","degrees":250}

        Then (- expected, + actual)
          - 1. OvenHeated {"oven":"left","degrees":250}
        """,
        () => Specification.For<Oven>("left").Given(new OvenHeated("left", 250)).When(oven => oven.Heat(250))
            .Then(new OvenHeated("left", 250)));

    [Fact]
    public void A_state_is_compared_by_its_members() => AssertMessage(
        """
        The state is not as expected.

        Given
            1. SacksFilled {"mill":"0198c0de-0000-7000-8000-000000000001","sacks":[{"grain":"rye","kilos":25}]}

        Raised
            nothing

        State (- expected, + actual)
            - [0].grain: "oats"
            + [0].grain: "rye"
        """,
        () => Specification.For<Mill>(Mill).Given(new SacksFilled(Mill, [new("rye", 25)])).When(_ => { })
            .ThenState(mill => mill.Sacks, [new("oats", 25)]));

    [Fact]
    public void A_document_is_compared_by_its_members()
    {
        var ground = Specification.For(new GroundProjection()).When(new GrainGround(Mill, "rye", 5));

        AssertMessage(
            """
            The document 'rye' of 'ground@1' is not as expected.

            Given
                1. GrainGround {"mill":"0198c0de-0000-7000-8000-000000000001","grain":"rye","kilos":5}

            Document (- expected, + actual)
                - kilos: 6
                + kilos: 5
            """,
            () => ground.Then("rye", new Ground("rye", 6, new DateOnly(2024, 1, 1))));
        Assert.Contains(
            "'ground@1' has no document 'oats'.",
            Failure(() => ground.Then("oats", new Ground("oats", 6, default))),
            StringComparison.Ordinal);
        Assert.Contains(
            "Expected no document 'rye'",
            Failure(() => ground.ThenNone("rye")),
            StringComparison.Ordinal);
        Assert.Contains(
            "Expected 2 documents of 'ground@1', but there are 1.",
            Failure(() => ground.ThenCount(2)),
            StringComparison.Ordinal);
        Assert.Contains(
            "but every event passed", Failure(() => ground.ThenThrew<FormatException>()), StringComparison.Ordinal);
    }

    [Fact]
    public void A_failing_projection_reports_the_event()
    {
        var failed = Specification
            .For(new LoavesProjection())
            .When(new BreadBaked("left", "rye"), new BreadBaked("left", "brick"));

        Assert.Equal("A brick is no loaf.", failed.ThenThrew<InvalidOperationException>().Message);
        Assert.StartsWith(
            "Expected a document, but event 2, 'bread.baked', failed: InvalidOperationException: A brick is no loaf.",
            Failure(() => failed.Then("rye", new Loaves("rye", 1))), StringComparison.Ordinal);
    }

    [Fact]
    public void Long_texts_are_shown_from_their_first_difference()
    {
        var start = new string('a', 300);
        var failure = Failure(() => Specification.For<Oven>("left").Given(new OvenHeated("left", 250))
            .When(oven => oven.Bake(start + "x" + start)).Then(new BreadBaked("left", start + "y" + start)));

        Assert.Contains("- kind: …" + new string('a', 30) + "y", failure, StringComparison.Ordinal);
        Assert.All(failure.Split('\n'), line => Assert.InRange(line.Length, 0, 240));
    }

    [Fact]
    public void Equal_numbers_with_different_notations_are_equal() => Assert.Empty(
        ValueDifferences.Between(
            ValueTree.Parse("""{"a":29.90,"b":[1e2]}"""u8), ValueTree.Parse("""{"b":[100],"a":29.9}"""u8)));

    [Theory]
    [InlineData("1e-30", "0")]
    [InlineData("1e-28", "1.2e-28")]
    [InlineData("12345678901234567890", "12345678901234567891")]
    [InlineData("1e400", "1")]
    [InlineData("0.1", "0.10000000000000001")]
    public void Different_numbers_of_any_size_are_different(string first, string second) =>
        Assert.Single(
            ValueDifferences.Between(
                ValueTree.Parse(Encoding.UTF8.GetBytes(first)), ValueTree.Parse(Encoding.UTF8.GetBytes(second))));

    [Fact]
    public void A_thousand_events_are_compared_position_by_position()
    {
        object[] many = [.. Enumerable.Range(0, 1_000).Select(i => new OvenHeated("left", i))];
        var result = Specification
            .For(new Decider<int>("oven", () => 0, (sum, _) => sum))
            .WithModel<BakeryModel>()
            .When(_ => many);

        result.Then(many);
        many = [.. many];
        many[500] = new OvenHeated("left", -1);
        Assert.StartsWith(
            "Expected 1000 events, but 1 differs.", Failure(() => result.Then(many)), StringComparison.Ordinal);
    }

    private static SpecificationResult<Mill> Ground() =>
        Specification.For<Mill>(Mill).When(mill => mill.Grind(5, "rye"));

    private static void AssertMessage(string expected, Action specification) =>
        Assert.Equal(expected.ReplaceLineEndings("\n"), Failure(specification));

    private static string Failure(Action specification) => Assert.Throws<SpecificationException>(specification).Message;
}
