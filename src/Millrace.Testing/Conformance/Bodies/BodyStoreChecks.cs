using Millrace.Messaging;

namespace Millrace.Testing.Conformance.Bodies;

/// <summary>Contains the conformance checks for body stores.</summary>
internal static class BodyStoreChecks
{
    private static readonly DateTimeOffset Later = new(2999, 1, 1, 5, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset LongAgo = new(2000, 1, 1, 5, 0, 0, TimeSpan.Zero);

    public static IReadOnlyList<(string Name, Func<IBodyStore, IBodyStore, CancellationToken, Task> Run)> All { get; } =
    [
        ("Another node reads exactly the bytes of a stored body", Read_exactly),
        ("An empty body and a body of ten million bytes are stored exactly", Empty_and_large),
        ("A body that was never stored is not found", Unknown_body),
        ("Storing the same body again has no effect", Stored_twice),
        ("A body that a node stores many times concurrently is found", Stored_concurrently),
        ("Equal bodies with different expiry hours are stored separately", Different_expiry_hours),
        ("Only expired bodies are removed and counted", Expired_bodies_removed),
        ("A removed body can be stored again", Stored_after_removal),
        ("A call with a cancelled token stores nothing", Cancelled),
    ];

    private static async Task Read_exactly(IBodyStore sender, IBodyStore receiver, CancellationToken cancel)
    {
        var (reference, body) = Body(1_000);

        await sender.Put(reference, body, cancel);

        await ExpectStored(sender, reference, body, cancel);
        await ExpectStored(receiver, reference, body, cancel);
        Expect.True(sender.Description.Length > 0, "the description is empty");
    }

    private static async Task Empty_and_large(IBodyStore sender, IBodyStore receiver, CancellationToken cancel)
    {
        foreach (var size in new[] { 0, 10_000_000 })
        {
            var (reference, body) = Body(size);

            await sender.Put(reference, body, cancel);

            await ExpectStored(receiver, reference, body, cancel);
        }
    }

    private static async Task Unknown_body(IBodyStore sender, IBodyStore receiver, CancellationToken cancel)
    {
        var (reference, body) = Body(100);
        await sender.Put(reference, body, cancel);

        await ExpectAbsent(receiver, Body(100).Reference, cancel);
        await ExpectAbsent(receiver, BodyReference.Of(body.Span, Later.AddYears(1)), cancel);
    }

    private static async Task Stored_twice(IBodyStore sender, IBodyStore receiver, CancellationToken cancel)
    {
        var (reference, body) = Body(1_000);

        await sender.Put(reference, body, cancel);
        await sender.Put(reference, body, cancel);
        await receiver.Put(reference, body, cancel);

        await ExpectStored(receiver, reference, body, cancel);
    }

    private static async Task Stored_concurrently(IBodyStore sender, IBodyStore receiver, CancellationToken cancel)
    {
        var (reference, body) = Body(100_000);

        await Task.WhenAll(Enumerable.Range(0, 20).Select(
            number => (number % 2 == 0 ? sender : receiver).Put(reference, body, cancel).AsTask()));

        await ExpectStored(receiver, reference, body, cancel);
    }

    private static async Task Different_expiry_hours(IBodyStore sender, IBodyStore receiver, CancellationToken cancel)
    {
        var (reference, body) = Body(1_000, LongAgo);
        var otherReference = BodyReference.Of(body.Span, Later);
        await sender.Put(reference, body, cancel);
        await sender.Put(otherReference, body, cancel);

        await receiver.RemoveExpired(LongAgo, cancel);

        await ExpectAbsent(sender, reference, cancel);
        await ExpectStored(sender, otherReference, body, cancel);
    }

    private static async Task Expired_bodies_removed(IBodyStore sender, IBodyStore receiver, CancellationToken cancel)
    {
        await sender.RemoveExpired(LongAgo.AddHours(1), cancel);
        var expired = Enumerable.Range(0, 40).Select(number => Body(100, LongAgo.AddHours(-number))).ToList();
        var unexpired = Body(100, LongAgo.AddHours(1));
        foreach (var (reference, body) in expired.Append(unexpired))
            await sender.Put(reference, body, cancel);

        Expect.Equal(40, await receiver.RemoveExpired(LongAgo, cancel), "the number of removed bodies");

        foreach (var (reference, _) in expired)
            await ExpectAbsent(sender, reference, cancel);
        await ExpectStored(sender, unexpired.Reference, unexpired.Bytes, cancel);
        Expect.Equal(0, await sender.RemoveExpired(LongAgo, cancel), "the number of bodies removed by a second call");
    }

    private static async Task Stored_after_removal(IBodyStore sender, IBodyStore receiver, CancellationToken cancel)
    {
        var (reference, body) = Body(100, LongAgo);
        await sender.Put(reference, body, cancel);
        await sender.RemoveExpired(LongAgo, cancel);

        await sender.Put(reference, body, cancel);

        await ExpectStored(receiver, reference, body, cancel);
    }

    private static async Task Cancelled(IBodyStore sender, IBodyStore receiver, CancellationToken cancel)
    {
        var (reference, body) = Body(1_000);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        try
        {
            await sender.Put(reference, body, cancelled.Token);
        }
        catch (OperationCanceledException)
        {
            await ExpectAbsent(receiver, reference, cancel);
            return;
        }
        throw new ConformanceException("— a cancelled call returned.");
    }

    private static (BodyReference Reference, ReadOnlyMemory<byte> Bytes) Body(int size, DateTimeOffset? until = null)
    {
        var bytes = new byte[size];
        Random.Shared.NextBytes(bytes);
        return (BodyReference.Of(bytes, until ?? Later), bytes);
    }

    private static async Task ExpectStored(
        IBodyStore store, BodyReference reference, ReadOnlyMemory<byte> body, CancellationToken cancel)
    {
        var found = await store.Find(reference, cancel);
        Expect.True(found is not null, "a stored body is not found");
        Expect.SameBytes(body, found!.Value, "a body"); // Checked above.
    }

    private static async Task ExpectAbsent(IBodyStore store, BodyReference reference, CancellationToken cancel) =>
        Expect.True(await store.Find(reference, cancel) is null, "a missing body is found");
}
