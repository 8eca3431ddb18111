using FsCheck;
using FsCheck.Fluent;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing.Conformance.Scheduling;

namespace Millrace.Tests.Storage;

/// <summary>Tests that the decision on a batch equals the decisions on its requests one by one.</summary>
public sealed class CommitDecisionTests
{
    private static readonly DateTimeOffset Now = new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_batch_is_decided_like_its_requests_one_by_one() =>
        Prop.ForAll<int>(seed =>
            {
                var model = new StoreModel();
                var source = new ScheduleSource(model, seed);
                var (inBatches, oneByOne) = (Open(), Open());
                for (var step = 0; step < 12; step++)
                {
                    var now = Now + TimeSpan.FromMilliseconds(step);
                    var batch = source.Batch(now);
                    var outcomes = Commit(inBatches, now, batch);
                    for (var i = 0; i < batch.Length; i++)
                    {
                        var single = Commit(oneByOne, now, batch[i])[0];
                        var expected = model.Apply(batch[i], now, outcomes[i].DocumentVersion);
                        if (!AreSame(outcomes[i], single)
                            || (outcomes[i].Result, outcomes[i].Refusal?.GetType(), outcomes[i].DocumentVersion)
                                != (expected.Result, expected.Refusal, expected.DocumentVersion))
                            return false;
                    }
                }
                return true;
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Positions_and_versions_of_a_batch_have_no_gaps_and_timestamps_never_decrease() =>
        Prop.ForAll<int>(seed =>
            {
                var model = new StoreModel();
                var source = new ScheduleSource(model, seed);
                var storage = Open();
                var (next, last) = (1L, DateTimeOffset.MinValue);
                for (var step = 0; step < 12; step++)
                {
                    var now = Now + TimeSpan.FromMilliseconds(source.Next(10) - 5);
                    var batch = source.Batch(now);
                    foreach (var (request, outcome) in batch.Zip(Commit(storage, now, batch)))
                    {
                        model.Apply(request, now, outcome.DocumentVersion);
                        if (outcome.Result != CommitResult.Committed || outcome.Placements.Count == 0)
                            continue;
                        foreach (var placement in outcome.Placements)
                        {
                            var lastOffset = placement.LastPosition - placement.FirstPosition;
                            if (placement.FirstPosition != next
                                || placement.LastVersion - placement.FirstVersion != lastOffset)
                                return false;
                            next = placement.LastPosition + 1;
                        }
                        if (outcome.Timestamp < last)
                            return false;
                        last = outcome.Timestamp;
                    }
                }
                return true;
            })
            .Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void Exactly_one_request_with_the_same_expected_version_is_committed() =>
        Prop.ForAll<PositiveInt>(count =>
            {
                var writers = count.Get % 50 + 2;
                var storage = Open();
                var outcomes = Commit(
                    storage,
                    Now,
                    [
                        .. Enumerable
                            .Range(1, writers)
                            .Select(number => TestData.Request("race", ExpectedVersion.NoStream, number)),
                    ]
                );
                return outcomes.Count(outcome => outcome.Result == CommitResult.Committed) == 1
                    && outcomes.Count(outcome => outcome.Refusal is VersionConflictException { Actual: 1 })
                        == writers - 1;
            })
            .QuickCheckThrowOnFailure();

    [Fact]
    public void A_rebased_decision_equals_the_decision_after_earlier_events() =>
        Prop.ForAll<PositiveInt>(count =>
            {
                var before = count.Get % 50 + 1;
                var (empty, other, later) = (Open(), Open(), Now.AddSeconds(1));
                Commit(
                    other,
                    Now,
                    [
                        .. Enumerable
                            .Range(1, before)
                            .Select(number => TestData.Request("before", ExpectedVersion.Any, number)),
                    ]
                );
                CommitRequest[] batch =
                [
                    TestData.Request("a", ExpectedVersion.NoStream, 101),
                    TestData.Request("b", ExpectedVersion.NoStream, 102),
                    TestData.Request("a", ExpectedVersion.NoStream, 103),
                    TestData.Request("a", ExpectedVersion.Exactly(1), 104),
                ];
                var rebased = CommitDecision.Rebase(Commit(empty, Now, batch), before, later);
                return rebased.Count(outcome => outcome.Refusal is VersionConflictException) == 1
                    && rebased.Zip(Commit(other, later, batch), AreSame).All(static same => same);
            })
            .QuickCheckThrowOnFailure();

    private static InMemoryStorage Open()
    {
        var storage = new InMemoryStorage();
        Done(storage.Open(default));
        Done(storage.Documents.EnsureCollection(ScheduleSource.Definition, default));
        return storage;
    }

    private static CommitOutcome[] Commit(InMemoryStorage storage, DateTimeOffset now, params CommitRequest[] batch) =>
        Done(storage.Log.Commit(batch, now, default));

    // The storage in memory completes every call synchronously.
    private static T Done<T>(ValueTask<T> task) =>
        task.IsCompleted ? task.Result : throw new InvalidOperationException("The call did not complete.");

    private static void Done(ValueTask task) => Assert.True(task.IsCompletedSuccessfully);

    private static bool AreSame(CommitOutcome left, CommitOutcome right) =>
        left.Result == right.Result
        && left.Position == right.Position
        && left.Timestamp == right.Timestamp
        && left.DocumentVersion == right.DocumentVersion
        && left.Placements.SequenceEqual(right.Placements)
        && left.Refusal?.Message == right.Refusal?.Message
        && left.FirstAnswer?.Position == right.FirstAnswer?.Position;
}
