using Bakery;
using FsCheck;
using FsCheck.Fluent;

namespace Millrace.Testing.Tests;

/// <summary>Tests generated sequences of commands on a decider.</summary>
public sealed class DeciderHistoryTests
{
    private static readonly ShelfId Shelf1 = new("one");

    [Fact]
    public void Rules_that_hold_after_every_command_pass() => Shelved()
        .Always("shelf-within-bounds", shelf => shelf.Count is >= 0 and <= Shelves.Room)
        .Always("no-empty-filling", shelf => Assert.True(shelf is not Shelf.Filled { Loaves: 0 }))
        .Check();

    [Fact]
    public void A_defect_is_reported_with_the_shortest_history_and_a_seed()
    {
        var shelves = Histories.Of(Shelves.Decider)
            .Command<TakeLoaf>(Shelves.Decide)
            .Command<PutLoaves>(FaultyShelves.PutCarelessly)
            .Command("look", _ => [])
            .Always("shelf-within-bounds", shelf => shelf.Count <= Shelves.Room);

        var failure = Failure(() => shelves.Check(runs: 500));

        Assert.Matches(
            "^After [2-5] commands: 'shelf-within-bounds' does not hold.\n\nHistory\n    1. PutLoaves {", failure);
        Assert.DoesNotContain("TakeLoaf", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("look", failure, StringComparison.Ordinal);
        Assert.Equal(History(failure), History(Failure(() => shelves.Check(runs: 1, seed: failure.Split('"')[^2]))));
    }

    [Fact]
    public void A_decider_that_mutates_its_state_is_found() => Assert.StartsWith(
        """
        After 1 command: 'put' changed the state that it was given: states are shared, so that a decision must return another one.

        History
            1. put
               LoavesPut {"shelf":"one","count":7}

        State (- before, + after)
            + [0]: 7
        """.ReplaceLineEndings("\n"),
        Failure(() => Histories.Of(FaultyShelves.Growing).Command("put", _ => new LoavesPut(Shelf1, 7)).Check()),
        StringComparison.Ordinal);

    [Fact]
    public void State_that_does_not_come_from_events_is_found() => Assert.StartsWith(
        "After 1 command: Replayed from its events, its state is another one.",
        Failure(() => Histories.Of(FaultyShelves.NonDeterministic).Command("take", _ => new LoafTaken(Shelf1)).Check()),
        StringComparison.Ordinal);

    [Fact]
    public void Different_cases_of_a_state_are_reported_by_name() => Assert.Contains(
        """
        State (- live, + replayed)
            - Filled: {"loaves":1,"count":1}
            + Empty: {"count":0}
        """.ReplaceLineEndings("\n"),
        Failure(() => Histories.Of(FaultyShelves.Forgetful()).Command("put", _ => new LoavesPut(Shelf1, 1)).Check()),
        StringComparison.Ordinal);

    [Fact]
    public void A_decision_that_does_not_depend_on_events_is_found()
    {
        var calls = 0;

        Assert.StartsWith(
            "After 1 command: Replayed from its events, it raises others.",
            Failure(() => Histories.Of(Shelves.Decider).Command("put", _ => new LoavesPut(Shelf1, ++calls)).Check()),
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_event_that_cannot_be_applied_to_the_state_is_found() => Assert.StartsWith(
        """
        After 1 command: 'take' threw InvalidOperationException: Nothing is there.

        History
            1. take
        """.ReplaceLineEndings("\n"),
        Failure(() => Histories.Of(FaultyShelves.Counting).Command("take", _ => new LoafTaken(Shelf1)).Check()),
        StringComparison.Ordinal);

    [Fact]
    public void An_event_outside_the_model_is_a_failure_and_not_a_refusal() => Assert.StartsWith(
        "After 1 command: 'put' raised an event that cannot be stored: ",
        Failure(() => Histories.Of(Shelves.Decider).Command("put", _ => [new PutLoaves(Shelf1, 1)]).Check()),
        StringComparison.Ordinal);

    [Fact]
    public void Histories_start_with_the_given_events() => Assert.StartsWith(
        """
        After 1 command: 'shelf-filled' does not hold.

        Given
            1. LoavesPut {"shelf":"one","count":1}

        History
            1. take
               LoafTaken {"shelf":"one"}
        """.ReplaceLineEndings("\n"),
        Failure(() => Histories.Of(Shelves.Decider)
            .Given(new LoavesPut(Shelf1, 1))
            .Command("take", shelf => Shelves.Decide(new TakeLoaf(Shelf1), shelf))
            .Always("shelf-filled", shelf => shelf is Shelf.Filled)
            .Check()),
        StringComparison.Ordinal);

    [Fact]
    public void Commands_can_depend_on_the_current_state() => Histories.Of(Shelves.Decider)
        .Command("fill", shelf => Gen.Choose(1, 1 + Shelves.Room - shelf.Count), (count, shelf) =>
        {
            Assert.InRange(count, 1, 1 + Shelves.Room - shelf.Count);
            return count + shelf.Count > Shelves.Room ? [] : [new LoavesPut(Shelf1, count)];
        })
        .Command("take", Gen.Constant(new TakeLoaf(Shelf1)), Shelves.Decide)
        .Check();

    [Fact]
    public void Generated_histories_are_possible_and_reach_all_states()
    {
        var ends = new HashSet<string>();

        Prop.ForAll(
                Shelved().ToArbitrary(),
                history =>
                {
                    Specification
                        .For(Shelves.Decider)
                        .Given([.. history.Events])
                        .When(_ => [])
                        .ThenState(history.State);
                    Assert.All(history.Steps, step => Assert.True(step.Refusal is null || step.Events.Count == 0));
                    Assert.Equal(history.Steps.Count == 0, history.ToString().Length == 0);
                    ends.Add(history.State.GetType().Name);
                    ends.UnionWith(
                        history
                            .Steps.Select(step => step.Refusal)
                            .OfType<InvariantViolatedException>()
                            .Select(refusal => refusal.Invariant));
                }
            )
            .QuickCheckThrowOnFailure();

        Assert.Superset(new HashSet<string> { "Empty", "Filled", "shelf-has-room" }, ends);
    }

    [Fact]
    public void Histories_without_commands_are_refused() =>
        Assert.Throws<InvalidOperationException>(() => Histories.Of(Shelves.Decider).Check());

    private static DeciderHistories<Shelf> Shelved() =>
        Histories.Of(Shelves.Decider).Command<PutLoaves>(Shelves.Decide).Command<TakeLoaf>(Shelves.Decide);

    private static string History(string failure) => failure[..failure.IndexOf("\n\nAgain", StringComparison.Ordinal)];

    private static string Failure(Action check) => Assert.Throws<SpecificationException>(check).Message;
}
