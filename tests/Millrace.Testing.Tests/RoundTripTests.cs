using Bakery;

namespace Millrace.Testing.Tests;

/// <summary>Tests that every specification serializes and reads events like a store.</summary>
public sealed class RoundTripTests
{
    private static readonly MillId Mill = new(Guid.Parse("0198c0de-0000-7000-8000-000000000001"));

    private static readonly Decider<int> Kilos = new(
        "mill", () => 0, (kilos, happened) => happened is GrainGround ground ? kilos + ground.Kilos : kilos);

    [Fact]
    public void An_old_event_is_read_through_its_upcaster() => Specification.For<Mill>(Mill)
        .Given(new GrainGroundV1(Mill, "rye", 100))
        .When(mill => mill.Grind(5, "rye"))
        .ThenState(mill => mill.Kilos, 55);

    [Fact]
    public void An_event_can_be_given_in_its_old_stored_form() => Specification.For<Mill>(Mill)
        .GivenStored("sack.filled", 1, $$"""{"mill":"{{Mill}}","grains":"rye,oats"}""")
        .GivenStored("grain.ground", 1, $$"""{"mill":"{{Mill}}","grain":"rye","pounds":100}""")
        .When(_ => { })
        .ThenNothing()
        .ThenState(mill => mill.Kilos, 50)
        .ThenState(mill => mill.Sacks, [new("rye", 25), new("oats", 25)]);

    [Fact]
    public void A_decider_and_a_projection_read_old_events_through_upcasters()
    {
        Specification
            .For(Kilos)
            .Given(new GrainGroundV1(Mill, "rye", 100))
            .When(kilos => new GrainGround(Mill, "oats", kilos))
            .Then(new GrainGround(Mill, "oats", 50))
            .ThenState(100);
        Specification.For(new GroundProjection())
            .At(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero))
            .Given(new GrainGroundV1(Mill, "rye", 100))
            .GivenStored("grain.ground", 2, $$"""{"mill":"{{Mill}}","grain":"oats","kilos":7}""")
            .When(new GrainGround(Mill, "rye", 1))
            .Then("rye", new Ground("rye", 51, new DateOnly(2026, 3, 1)))
            .Then("oats", new Ground("oats", 7, new DateOnly(2026, 3, 1)))
            .ThenNone("wheat")
            .ThenCount(2);
    }

    [Fact]
    public void Lists_in_events_are_compared_by_their_items() => Specification.For<Mill>()
        .When(mill => mill.Fill(new Sack("rye", 25), new Sack("oats", 20)))
        .Then(new SacksFilled(Sample(), [new("rye", 25), new("oats", 20)]));

    [Fact]
    public void An_event_that_cannot_be_stored_fails_in_a_specification()
    {
        Specification.For<Mill>().When(mill => mill.Forget()).ThenThrew<EventTypeNotFoundException>();
        Specification.For<Mill>().When(mill => mill.Weigh(double.NaN)).ThenThrew<CannotSerializeException>();
        var failure = Failure(() => Specification.For<Mill>().Given(new NobodyKnows(Mill)).When(_ => { }));
        Assert.StartsWith("Given event 1, NobodyKnows {", failure, StringComparison.Ordinal);
        Assert.Contains(
            "cannot be stored: Bakery.NobodyKnows is not a registered event type.", failure, StringComparison.Ordinal);
        var expected = Failure(() => Specification.For<Mill>().When(_ => { }).Then(new NobodyKnows(Mill)));
        Assert.StartsWith("Expected event 1, NobodyKnows {", expected, StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_that_changes_in_a_round_trip_fails() => Assert.Equal(
        """
        Raised event 1, SackWeighed, changes when it is stored and read.

        Members (- stored, + read back)
            - kilos: 2.5
            + kilos: 2
        """,
        Failure(() => Specification.For<Mill>(Mill).When(mill => mill.Round(2.5))));

    [Fact]
    public void An_unreadable_stored_event_is_refused_as_in_the_store()
    {
        var broken = Specification.For<Mill>(Mill)
            .GivenStored("grain.ground", 2, """{"grain":7}""")
            .When(mill => mill.Grind(1, "rye"));
        var unknown = Specification.For<Mill>(Mill)
            .GivenStored("grain.lost", 1, "{}")
            .When(mill => mill.Grind(1, "rye"));

        Assert.Equal("grain.ground", broken.ThenThrew<CannotDeserializeException>().EventType);
        Assert.Equal("grain.lost", unknown.ThenThrew<CannotDeserializeException>().EventType);
    }

    [Fact]
    public void A_missing_model_is_reported()
    {
        var without = Failure(() =>
            Specification.For(new Decider<int>("a", () => 0, Sum)).Given("no event").When(_ => []));
        Assert.Contains("String is not a registered event type", without, StringComparison.Ordinal);

        Specification.For<Mill>(Mill).WithModel<BakeryModel>().When(mill => mill.Grind(1, "rye"))
            .Then(new GrainGround(Mill, "rye", 1), new DustSettled(Mill));
        var wrong = Failure(() => Specification.For<Mill>("not an id").When(_ => { }));
        Assert.Equal("The id of Mill is MillId, but String was given.", wrong);
    }

    private static int Sum(int sum, object happened) => sum + 1;

    private static MillId Sample() => new(Guid.Parse("00000000-0000-7000-8000-000000000001"));

    private static string Failure(Action specification) => Assert.Throws<SpecificationException>(specification).Message;
}
