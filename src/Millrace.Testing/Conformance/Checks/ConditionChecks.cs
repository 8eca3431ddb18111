using Millrace.Storage;

namespace Millrace.Testing.Conformance.Checks;

/// <summary>
/// Contains checks of append conditions. A condition requires that no event after a position matches a filter.
/// </summary>
internal static class ConditionChecks
{
    private static readonly Tag Customer = new("customer", "42");
    private static readonly Tag Other = new("customer", "43");

    public static IReadOnlyList<ConformanceCheck> All { get; } =
    [
        new(
            "A condition fails on an event of its type after its position, and the exception describes it",
            A_type_after_the_position),
        new("A condition is met when all matching events are at or before its position", Nothing_after_the_position),
        new("A condition fails only on an event with all of its tags", All_tags),
        new("A condition on types and tags fails only on an event that matches both", Types_and_tags),
        new("A condition can restrict streams, source and correlation, like a filter", Other_restrictions),
        new("A condition applies to events of earlier requests in the batch", Sees_the_batch),
        new("A condition ignores events of refused requests in the batch", Does_not_see_the_refused),
        new("Exactly one of several requests with the same condition in a batch is committed", One_of_many),
        new("A request with several conditions is refused if one of them fails", Several_conditions),
    ];

    private static async Task A_type_after_the_position(StorageProbe probe)
    {
        await probe.Append(
            "a",
            ExpectedVersion.Any,
            Sample.Event(1, "seat.free"),
            Sample.Event(2, "seat.taken"),
            Sample.Event(3, "seat.taken"));
        var condition = new AppendCondition(EventFilter.OfTypes("seat.taken", "seat.blocked"), 1);

        var failed = await probe.Refuse<ConditionFailedException>(If(condition, 9));

        Expect.Equal(condition, failed.Condition, "the condition that failed");
        Expect.Equal(2, failed.Position, "the first position that matches");
        Expect.Equal(3, await probe.LastPosition(), "the head of the log");
        await probe.Refuse<ConditionFailedException>(If(new AppendCondition(EventFilter.OfTypes("seat.free"), 0), 9));
    }

    private static async Task Nothing_after_the_position(StorageProbe probe)
    {
        await probe.Append(
            "a",
            ExpectedVersion.Any,
            Sample.Event(1, "seat.taken"),
            Sample.Event(2, "seat.taken"),
            Sample.Event(3, "seat.free"));

        await probe.Do(If(new AppendCondition(EventFilter.OfTypes("seat.taken"), 2), 10));
        await probe.Do(If(new AppendCondition(EventFilter.OfTypes("seat.TAKEN"), 0), 11));
        await probe.Do(If(new AppendCondition(EventFilter.OfTypes("seat"), 0), 12));
    }

    private static async Task All_tags(StorageProbe probe)
    {
        var paid = new Tag("state", "paid");
        await probe.Append(
            "a", ExpectedVersion.Any, Sample.Event(1, tags: [Customer]), Sample.Event(2, tags: [Other, paid]));

        await probe.Refuse<ConditionFailedException>(If(new AppendCondition(EventFilter.WithTags(Customer), 0), 9));
        await probe.Refuse<ConditionFailedException>(If(new AppendCondition(EventFilter.WithTags(paid, Other), 1), 9));
        await probe.Do(If(new AppendCondition(EventFilter.WithTags(Customer, paid), 0), 10));
        await probe.Do(If(new AppendCondition(EventFilter.WithTags(Customer), 1), 11));
    }

    private static async Task Types_and_tags(StorageProbe probe)
    {
        await probe.Append(
            "a",
            ExpectedVersion.Any,
            Sample.Event(1, "coupon.used", tags: [Other]),
            Sample.Event(2, "coupon.made", tags: [Customer]));

        var filter = new EventFilter { Types = ["coupon.used"], Tags = [Customer] };
        await probe.Do(If(new AppendCondition(filter, 0), 10));
        await probe.Append("a", ExpectedVersion.Any, Sample.Event(3, "coupon.used", tags: [Customer]));

        var failed = await probe.Refuse<ConditionFailedException>(If(new AppendCondition(filter, 0), 11));
        Expect.Equal(4, failed.Position, "the first position that matches");
    }

    private static async Task Other_restrictions(StorageProbe probe)
    {
        var correlation = Sample.Id(500);
        var recorded = new EncodedEvent
        {
            Id = Sample.Id(1),
            Type = "t",
            Payload = default,
            Source = "shop",
            CorrelationId = correlation,
        };
        await probe.Append("order-1", ExpectedVersion.Any, recorded);
        var filter = EventFilter.OfTypes("t");

        await probe.Do(If(new AppendCondition(filter with { StreamPrefix = "invoice-" }, 0), 10));
        await probe.Do(If(new AppendCondition(filter with { Source = "Shop" }, 0), 11));
        await probe.Do(If(new AppendCondition(filter with { CorrelationId = Sample.Id(501) }, 0), 12));
        await probe.Refuse<ConditionFailedException>(
            If(new AppendCondition(filter with { StreamPrefix = "order-" }, 0), 13));
        await probe.Refuse<ConditionFailedException>(
            If(new AppendCondition(filter with { Source = "shop", CorrelationId = correlation }, 0), 14));
    }

    private static async Task Sees_the_batch(StorageProbe probe)
    {
        var outcomes = await probe.Commit(
            Sample.Append("a", ExpectedVersion.Any, Sample.Event(1), Sample.Event(2, "seat.taken", tags: [Customer])),
            If(new AppendCondition(EventFilter.OfTypes("seat.taken"), 0), 3),
            If(new AppendCondition(EventFilter.WithTags(Customer), 2), 4));

        Expect.Equal(
            2, Expect.Refused<ConditionFailedException>(outcomes[1]).Position, "the first position that matches");
        Expect.Committed(outcomes[2], "the request with a condition after position 2");
        Expect.Equal(3, await probe.LastPosition(), "the head of the log");
    }

    private static async Task Does_not_see_the_refused(StorageProbe probe)
    {
        var outcomes = await probe.Commit(
            Sample.Append("a", ExpectedVersion.StreamExists, Sample.Event(1, "seat.taken")),
            If(new AppendCondition(EventFilter.OfTypes("seat.taken"), 0), 2));

        Expect.Refused<VersionConflictException>(outcomes[0]);
        Expect.Committed(outcomes[1]);
    }

    private static async Task One_of_many(StorageProbe probe)
    {
        var condition = new AppendCondition(new EventFilter { Types = ["seat.taken"], Tags = [Customer] }, 0);

        var outcomes = await probe.Commit([
            .. Enumerable
                .Range(1, 10)
                .Select(number => new CommitRequest
                {
                    Conditions = [condition],
                    Appends =
                    [
                        Sample.To(
                            $"seat-{number}",
                            ExpectedVersion.NoStream,
                            Sample.Event(number, "seat.taken", tags: [Customer])),
                    ],
                }),
        ]);

        Expect.Committed(outcomes[0], "the first request");
        foreach (var loser in outcomes.Skip(1))
            Expect.Refused<ConditionFailedException>(loser, "a later request");
        Expect.Equal(1, await probe.LastPosition(), "the head of the log");
    }

    private static async Task Several_conditions(StorageProbe probe)
    {
        await probe.Append("a", ExpectedVersion.Any, Sample.Event(1, "seat.taken"));
        var holds = new AppendCondition(EventFilter.OfTypes("seat.free"), 0);
        var fails = new AppendCondition(EventFilter.OfTypes("seat.taken"), 0);

        var request = Sample.Append("b", ExpectedVersion.Any, Sample.Event(2));
        var failed = await probe.Refuse<ConditionFailedException>(
            new CommitRequest { Appends = request.Appends, Conditions = [holds, fails] });

        Expect.Equal(fails, failed.Condition, "the condition that failed");
    }

    private static CommitRequest If(AppendCondition condition, int number) => new()
    {
        Conditions = [condition],
        Appends = [Sample.To($"decision-{number}", ExpectedVersion.NoStream, Sample.Event(number, "decision.made"))],
    };
}
