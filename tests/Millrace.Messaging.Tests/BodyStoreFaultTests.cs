using Millrace.Testing;

namespace Millrace.Messaging.Tests;

/// <summary>Tests that the conformance suite finds each planted fault with the expected check.</summary>
public sealed class BodyStoreFaultTests
{
    private static readonly Dictionary<string, (Func<FaultyBodyStore> CreateStore, string FoundBy)> Faults = new()
    {
        ["cuts large bodies"] = (
            () => new FaultyBodyStore { MapStoredBody = body => body[..Math.Min(body.Length, 1_000_000)] },
            "An empty body and a body of ten million bytes are stored exactly"),
        ["decodes bodies as text"] = (
            () =>
                new FaultyBodyStore
                {
                    MapStoredBody = body =>
                        System.Text.Encoding.UTF8.GetBytes(System.Text.Encoding.UTF8.GetString(body.Span)),
                },
            "Another node reads exactly the bytes of a stored body"),
        ["finds bodies by the digest alone"] = (
            () => new FaultyBodyStore { KeyOf = reference => reference.Sha256 },
            "Equal bodies with different expiry hours are stored separately"),
        ["removes nothing"] = (
            () => new FaultyBodyStore { IsExpired = (_, _) => false },
            "Only expired bodies are removed and counted"),
        ["removes bodies that have an hour left"] = (
            () => new FaultyBodyStore { IsExpired = (reference, now) => reference.Until <= now.AddHours(1) },
            "Only expired bodies are removed and counted"),
        ["refuses a body that it has stored"] = (
            () => new FaultyBodyStore { RefusesAgain = true }, "Storing the same body again has no effect"),
        ["stores a body despite cancellation"] = (
            () => new FaultyBodyStore { IgnoresCancellation = true },
            "A call with a cancelled token stores nothing"),
    };

    public static TheoryData<string> Names => new(Faults.Keys);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task An_injected_fault_is_found_by_the_expected_check(string fault)
    {
        var (createStore, foundBy) = Faults[fault];

        var failure = await Assert.ThrowsAsync<ConformanceException>(() => new Suite(createStore()).Run(foundBy));

        Assert.StartsWith(foundBy, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_without_a_fault_passes()
    {
        foreach (var check in BodyStoreConformance.Checks)
            await new Suite(new FaultyBodyStore()).Run(check);
    }

    private sealed class Suite(FaultyBodyStore bodies) : BodyStoreConformance
    {
        protected override ValueTask<IBodyStore> Create(CancellationToken cancellationToken) => new(bodies);
    }
}
