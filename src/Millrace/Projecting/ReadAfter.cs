namespace Millrace;

/// <summary>
/// The position that a read must include, and the maximum wait. The default value has no requirement and does not wait,
/// with one exception. After a switch to another collection, a read waits until that collection reaches the positions
/// that this node has already returned.
/// </summary>
/// <param name="Token">The token that a command, an append or <see cref="EventStore.GetToken"/> returned.</param>
/// <param name="Wait">The maximum wait, or null for <see cref="ConsumerOptions.ReadTimeout"/>.</param>
public readonly record struct ReadAfter(ConsistencyToken Token, TimeSpan? Wait = null)
{
    /// <summary>
    /// Gets the exception that each read with this value throws, or null. An endpoint sets it for an invalid token, so
    /// that the read throws the exception.
    /// </summary>
    public Exception? Problem { get; init; }

    /// <summary>
    /// Gets whether the result contains the time at which any document expires that changes it. A cached answer ends
    /// then.
    /// </summary>
    internal bool WithNextExpiry { get; init; }

    /// <summary>
    /// Gets whether the token of the caller refers only to other shards, so that the read requires nothing of this one.
    /// </summary>
    internal bool IsForOtherShards { get; init; }

    /// <summary>Gets whether the caller has no token. The freshness then refers to the end of the log.</summary>
    internal bool HasNoToken => Token.IsNone && !IsForOtherShards;

    /// <summary>Returns the maximum wait.</summary>
    internal TimeSpan MaxWait(ConsumerOptions options) => Wait ?? options.ReadTimeout;

    /// <summary>Creates a value that requires the position of a token. A null token sets no requirement.</summary>
    public static implicit operator ReadAfter(ConsistencyToken? token) => new(token ?? default);
}
