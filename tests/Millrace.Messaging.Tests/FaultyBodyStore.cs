using System.Collections.Concurrent;

namespace Millrace.Messaging.Tests;

/// <summary>A body store in memory with a fault that a test chooses.</summary>
internal sealed class FaultyBodyStore : IBodyStore
{
    private readonly ConcurrentDictionary<string, (BodyReference Reference, ReadOnlyMemory<byte> Body)> _bodies = new();

    public string Description => "memory";

    public Func<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> MapStoredBody { get; init; } = static body => body;

    public Func<BodyReference, string> KeyOf { get; init; } = static reference => reference.Name;

    public Func<BodyReference, DateTimeOffset, bool> IsExpired { get; init; } =
        static (reference, now) => reference.Until <= now;

    public bool RefusesAgain { get; init; }

    public bool IgnoresCancellation { get; init; }

    public ValueTask Put(BodyReference reference, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        if (!IgnoresCancellation)
            cancellationToken.ThrowIfCancellationRequested();
        if (!_bodies.TryAdd(KeyOf(reference), (reference, MapStoredBody(body))) && RefusesAgain)
            throw new IOException("The body is already stored.");
        return ValueTask.CompletedTask;
    }

    public ValueTask<ReadOnlyMemory<byte>?> Find(BodyReference reference, CancellationToken cancellationToken) =>
        new(_bodies.TryGetValue(KeyOf(reference), out var stored) ? stored.Body : (ReadOnlyMemory<byte>?)null);

    public ValueTask<int> RemoveExpired(DateTimeOffset now, CancellationToken cancellationToken) =>
        new(_bodies.Count(entry => IsExpired(entry.Value.Reference, now) && _bodies.TryRemove(entry.Key, out _)));
}
