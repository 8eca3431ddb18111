namespace Millrace;

/// <summary>
/// The position that a read must include, and the maximum wait. The default value requires nothing and does not wait.
/// Only after a switch to another collection, the read waits until that collection reaches what this node has already
/// shown.
/// </summary>
/// <param name="Token">The token that a command, an append or <see cref="EventStore.GetToken"/> returned.</param>
/// <param name="Wait">The maximum wait; null for <see cref="ConsumerOptions.ReadTimeout"/>.</param>
public readonly record struct ReadAfter(ConsistencyToken Token, TimeSpan? Wait = null)
{
    /// <summary>
    /// Gets the exception that every read with this value throws; otherwise null. Endpoints set it for an invalid
    /// token, so that the error occurs where it is handled.
    /// </summary>
    public Exception? Problem { get; init; }

    /// <summary>Returns the maximum wait.</summary>
    internal TimeSpan MaxWait(ConsumerOptions options) => Wait ?? options.ReadTimeout;

    /// <summary>Creates a value that requires a token's position. A null token sets no requirement.</summary>
    public static implicit operator ReadAfter(ConsistencyToken? token) => new(token ?? default);
}
