using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>The suite is only worth what it finds: each planted fault is found, by the check named beside it.</summary>
public sealed class BodyStoreFaultTests
{
    private static readonly Dictionary<string, (Func<FaultyBodyStore> Make, string FoundBy)> Faults = new()
    {
        ["cuts large bodies"] = (
            () => new FaultyBodyStore { MapStoredBody = body => body[..Math.Min(body.Length, 1_000_000)] },
            "A body of no byte and one of ten million are found as they were put"),
        ["takes bodies for texts"] = (
            () =>
                new FaultyBodyStore
                {
                    MapStoredBody = body =>
                        System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(body.Span)),
                },
            "A body that one node has put there is found by another, byte for byte"),
        ["finds by the digest alone"] = (
            () => new FaultyBodyStore { KeyOf = reference => reference.Sha256 },
            "Equal bodies that are kept until different hours are two"),
        ["removes nothing"] = (
            () => new FaultyBodyStore { IsEnded = (_, _) => false },
            "Bodies that have ended are removed and counted, and no others"),
        ["removes what has an hour left"] = (
            () => new FaultyBodyStore { IsEnded = (reference, now) => reference.Until <= now.AddHours(1) },
            "Bodies that have ended are removed and counted, and no others"),
        ["refuses what is there"] = (
            () => new FaultyBodyStore { RefusesAgain = true }, "A body put there again is there as before"),
        ["puts there what was cancelled"] = (
            () => new FaultyBodyStore { IgnoresCancellation = true },
            "A call that was cancelled before it began puts nothing there"),
    };

    public static TheoryData<string> Names => new(Faults.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_fault_is_found(string fault)
    {
        var (make, foundBy) = Faults[fault];

        var found = await Assert.ThrowsAsync<ConformanceException>(() => new Suite(make()).Run(foundBy));

        Assert.StartsWith(foundBy, found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_without_a_fault_passes()
    {
        foreach (var check in BodyStoreConformance.Checks)
            await new Suite(new FaultyBodyStore()).Run(check);
    }

    private sealed class Suite(FaultyBodyStore bodies) : BodyStoreConformance
    {
        protected override ValueTask<IBodyStore> Create(CancellationToken cancellationToken) => new(bodies);
    }
}
