namespace Millrace;

/// <summary>
/// What a read must reflect, and how long it may wait for that. The default value asks for nothing and waits for
/// nothing, but for what its node has shown of a collection that another took over from.
/// </summary>
/// <param name="Token">What a command, an append or <see cref="EventStore.GetToken"/> gave.</param>
/// <param name="Wait">How long to wait; null for <see cref="ConsumerOptions.ReadTimeout"/>.</param>
public readonly record struct ReadAfter(ConsistencyToken Token, TimeSpan? Wait = null)
{
    /// <summary>
    /// Why nothing can be read with it: whatever reads throws this. Edges set it when they were given something that is
    /// no token, so that the error comes where it is handled; null otherwise.
    /// </summary>
    public Exception? Problem { get; init; }

    /// <summary>Reads what reflects a token; null asks for nothing.</summary>
    public static implicit operator ReadAfter(ConsistencyToken? token) => new(token ?? default);
}
