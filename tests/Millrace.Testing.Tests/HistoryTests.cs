using Bakery;
using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Testing.Tests;

/// <summary>Tests generated sequences of commands on an aggregate.</summary>
public sealed class HistoryTests
{
    [Fact]
    public void Rules_that_hold_after_every_command_pass() => Tills()
        .Always("till-within-bounds", till => till.Payments is >= 0 and <= 3)
        .Always("versions-count", till => Assert.True(till.Version >= till.Payments))
        .Check();

    [Fact]
    public void A_broken_rule_is_reported_with_the_shortest_history_and_a_seed()
    {
        var tills = Tills().Always("till-never-full", till => till.Payments < 3);

        var failure = Failure(() => tills.Check());

        Assert.StartsWith(
            "After 3 commands: 'till-never-full' does not hold.\n\nHistory\n    1. Pay {",
            failure,
            StringComparison.Ordinal);
        Assert.Equal(3, failure.Split('\n').Count(line => line.Contains("TillPaid {", StringComparison.Ordinal)));
        Assert.DoesNotContain("empty", failure, StringComparison.Ordinal);
        Assert.Contains("\n\nAgain\n    Check(seed: \"", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void The_seed_of_a_failure_reproduces_it()
    {
        var tills = Tills().Always("till-never-full", till => till.Payments < 3);
        var failure = Failure(() => tills.Check());
        var seed = failure.Split('"')[^2];

        Assert.Equal(History(failure), History(Failure(() => tills.Check(runs: 1, seed: seed))));
        Assert.Throws<ArgumentException>(() => tills.Check(seed: "no seed"));
    }

    [Fact]
    public void State_that_does_not_come_from_events_is_found() => Assert.Contains(
        """
        After 2 commands: Replayed from its events, its state is another one.

        History
            1. pay
               TillEmptied {"till":"sample","payments":-1}
            2. empty
               TillEmptied {"till":"sample","payments":1}

        State (- live, + replayed)
            - emptied: 1
            + emptied: 0
        """.ReplaceLineEndings("\n"),
        Failure(
            () => Faulty()
                .Command("pay", till => till.Pay())
                .Command("empty", till => till.EmptyWithoutEvent())
                .Check()),
        StringComparison.Ordinal);

    [Fact]
    public void A_decision_that_does_not_depend_on_events_is_found() =>
        Assert.StartsWith(
            "After 3 commands: Replayed from its events, it decides otherwise: it passed, but live it was "
                + "refused by 'till-has-room'.",
            Failure(() => Faulty().Command<Pay>((till, pay) => till.PayWithoutEvent(pay)).Check()),
            StringComparison.Ordinal);

    [Fact]
    public void An_unexpected_exception_is_reported_with_its_arguments() => Assert.StartsWith(
        """
        After 1 command: 'divide' threw DivideByZeroException: Attempted to divide by zero.

        History
            1. divide 0
        """.ReplaceLineEndings("\n"),
        Failure(() => Faulty().Command("divide", Gen.Choose(0, 9), (till, by) => till.Divide(by)).Check()),
        StringComparison.Ordinal);

    [Fact]
    public void An_event_that_cannot_be_stored_is_a_failure_and_not_a_refusal() => Assert.StartsWith(
        "After 1 command: 'weigh' raised an event that cannot be stored: "
            + "An event of type 'grain.weighed' cannot be stored",
        Failure(() => Histories.Of<Mill>().Command("weigh", mill => mill.Weigh(double.NaN)).Check()),
        StringComparison.Ordinal);

    [Fact]
    public void Histories_start_with_the_given_events()
    {
        var emptied = Failure(() => Histories.Of<Till>(new TillId("one"))
            .Given(new TillEmptied(new TillId("one"), -2))
            .Command("empty", till => till.Empty())
            .Always("till-never-empty", till => till.Payments > 0)
            .Check());

        Assert.StartsWith(
            """
            After 1 command: 'till-never-empty' does not hold.

            Given
                1. TillEmptied {"till":"one","payments":-2}

            History
                1. empty
                   TillEmptied {"till":"one","payments":2}
            """.ReplaceLineEndings("\n"),
            emptied,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Arguments_can_depend_on_the_state_of_the_aggregate() => Histories.Of<Till>(new TillId("one"))
        .Command<Pay>((till, pay) => till.Pay(pay))
        .Command("empty", till => Gen.Constant(till.Payments), (till, before) =>
        {
            Assert.InRange(before, 0, 3);
            till.Empty();
        })
        .Check();

    [Fact]
    public void Generated_histories_are_possible() =>
        Prop.ForAll(
                Tills().ToArbitrary(),
                history =>
                {
                    Specification
                        .For<Till>()
                        .Given([.. history.Events])
                        .When(_ => { })
                        .ThenState(till => till.Payments, history.Aggregate.Payments);
                    Assert.All(history.Steps, step => Assert.True(step.Refusal is null || step.Events.Count == 0));
                    Assert.Equal(history.Events.Count, history.Aggregate.Version);
                    Assert.Equal(history.Steps.Count == 0, history.ToString().Length == 0);
                }
            )
            .QuickCheckThrowOnFailure();

    [Fact]
    public void Histories_without_commands_are_refused() =>
        Assert.Throws<InvalidOperationException>(() => Histories.Of<Till>().Check());

    private static AggregateHistories<Till> Tills() =>
        Histories.Of<Till>().Command<Pay>((till, pay) => till.Pay(pay)).Command("empty", till => till.Empty());

    private static AggregateHistories<FaultyTill> Faulty() => Histories.Of<FaultyTill>();

    private static string History(string failure) => failure[..failure.IndexOf("\n\nAgain", StringComparison.Ordinal)];

    private static string Failure(Action check) => Assert.Throws<SpecificationException>(check).Message;
}
