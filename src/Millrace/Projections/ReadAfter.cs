namespace Millrace;

/// <summary>
/// What a read must reflect, and how long it may wait for that. The default value asks for nothing and waits for nothing.
/// </summary>
/// <param name="Token">What a command, an append or <see cref="EventStore.GetToken"/> gave.</param>
/// <param name="Wait">How long to wait; null for <see cref="ConsumerOptions.ReadTimeout"/>.</param>
public readonly record struct ReadAfter(ConsistencyToken Token, TimeSpan? Wait = null)
{
    /// <summary>Reads what reflects a token; null asks for nothing.</summary>
    public static implicit operator ReadAfter(ConsistencyToken? token) => new(token ?? default);
}
