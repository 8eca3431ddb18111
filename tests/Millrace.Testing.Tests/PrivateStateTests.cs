using Bakery;

namespace Millrace.Testing.Tests;

/// <summary>Tests histories of an aggregate with private state.</summary>
public sealed class PrivateStateTests
{
    [Fact]
    public void Private_state_that_does_not_come_from_events_is_found() => Assert.StartsWith(
        """
        After 2 commands: Replayed from its events, its state is another one.

        History
            1. put
               LoavesPut {"shelf":"jar","count":1}
            2. serve
               LoafTaken {"shelf":"jar"}

        State (- live, + replayed)
            - _served: 1
            + _served: 0
        """.ReplaceLineEndings("\n"),
        Failure(
            () => Histories.Of<Jar>("one")
                .Command("put", jar => jar.Put(1))
                .Command("serve", jar => jar.Serve())
                .Check()),
        StringComparison.Ordinal);

    [Fact]
    public void Services_and_fields_that_are_not_state_are_ignored() =>
        Histories.Of<Jar>("one").Command("put", jar => jar.Put(1)).Command("take", jar => jar.Take()).Check();

    [Fact]
    public void A_rule_can_read_private_state()
    {
        Jars().Always("never-in-debt", (_, state) => state.GetProperty("loaves").GetInt32() >= 0)
            .Always("taken-is-counted", (jar, state) =>
                jar.Version >= state.GetProperty("taken").EnumerateObject().Sum(entry => entry.Value.GetInt32()))
            .Check();

        Assert.StartsWith(
            """
            After 1 command: 'empty' does not hold.

            History
                1. put 1
                   LoavesPut {"shelf":"jar","count":1}

            State
                {"lock":"System.Threading.Lock","random":"System.Random","taken":{},"miller":null,"loaves":1,"served":0,"asked":1}
            """.ReplaceLineEndings("\n"),
            Failure(() =>
                Jars().Always("empty", (_, state) => state.GetProperty("loaves").GetInt32() < 1).Check(runs: 500)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_aggregate_that_does_not_expose_its_state_is_refused() => Assert.Contains(
        "SilentJar does not expose its state: make it partial",
        Failure(() => Histories.Of<SilentJar>("one").WithModel<SilentModel>()
            .Command("put", jar => jar.Put()).Always("rule", (_, _) => true).Check()),
        StringComparison.Ordinal);

    private static AggregateHistories<Jar> Jars() => Histories.Of<Jar>("one")
        .Command("put", FsCheck.Fluent.Gen.Choose(1, 9), (jar, count) => jar.Put(count))
        .Command("take", jar => jar.Take());

    private static string Failure(Action check) => Assert.Throws<SpecificationException>(check).Message;

    private sealed class SilentModel : IModel
    {
        public static void Register(ModelBuilder model)
        {
            BakeryModel.Register(model);
            model.Aggregate(new AggregateDefinition<SilentJar, string>("silent", () => new SilentJar()));
        }
    }
}
