using Bakery;

namespace Millrace.Testing.Tests;

/// <summary>Properties of what an aggregate keeps to itself.</summary>
public sealed class PrivateStateTests
{
    [Fact]
    public void State_that_nobody_sees_and_no_event_carries_is_found() => Assert.StartsWith(
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
        Failure(() => Histories.Of<Jar>("one").Command("put", jar => jar.Put(1)).Command("serve", jar => jar.Serve()).Check()),
        StringComparison.Ordinal);

    [Fact]
    public void A_field_that_is_no_state_and_a_service_are_no_difference() =>
        Histories.Of<Jar>("one").Command("put", jar => jar.Put(1)).Command("take", jar => jar.Take()).Check();

    [Fact]
    public void A_rule_looks_at_private_state()
    {
        Jars().Always("never-in-debt", (_, state) => state.GetProperty("loaves").GetInt32() >= 0)
            .Always("taken-is-counted", (jar, state) =>
                jar.Version >= state.GetProperty("taken").EnumerateObject().Sum(one => one.Value.GetInt32()))
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
    public void An_aggregate_that_tells_nothing_says_what_to_do() => Assert.Contains(
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
