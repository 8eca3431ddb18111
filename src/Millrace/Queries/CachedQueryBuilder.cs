using Millrace.Queries;

namespace Millrace;

/// <summary>Sets how the answers to a query are cached.</summary>
/// <typeparam name="TQuery">The type of the query.</typeparam>
public sealed class CachedQueryBuilder<TQuery>
{
    private static readonly TimeSpan MinExpiry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxExpiry = TimeSpan.FromDays(1);

    internal CachedQueryBuilder()
    {
    }

    internal CachedQueryOptions<TQuery> Options { get; } = new();

    /// <summary>
    /// Sets the time after which an answer is computed again, even if no event has invalidated it; from 100
    /// milliseconds to 1 day, 5 minutes by default.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The expiry is out of range.</exception>
    public CachedQueryBuilder<TQuery> For(TimeSpan expiry)
    {
        if (expiry < MinExpiry || expiry > MaxExpiry)
            throw new ArgumentOutOfRangeException(
                nameof(expiry), expiry, "The expiry must be from 100 milliseconds to 1 day.");
        Options.Expiry = expiry;
        return this;
    }

    /// <summary>
    /// Adds a tag to answers, such as <c>order:17</c>. An event that invalidates the tag invalidates the answer.
    /// </summary>
    public CachedQueryBuilder<TQuery> Tag(Func<TQuery, string> tag)
    {
        ArgumentNullException.ThrowIfNull(tag);
        Options.Tags.Add(tag);
        return this;
    }

    /// <summary>Adds the same tag to all answers, such as <c>orders</c>.</summary>
    public CachedQueryBuilder<TQuery> Tag(string tag)
    {
        ArgumentException.ThrowIfNullOrEmpty(tag);
        return Tag(_ => tag);
    }

    /// <summary>
    /// Caches an answer for each user, for a handler whose answer depends on the user. Answers to a caller without a
    /// known user, and to a user without a single id, are not cached.
    /// </summary>
    public CachedQueryBuilder<TQuery> PerUser()
    {
        Options.IsPerUser = true;
        return this;
    }

    /// <summary>
    /// Caches answers only in the memory of each process. This is always the case if the type of the query, the type of
    /// the answer or a document that the handler read with its context has personal data or secrets, and if the handler
    /// calls <see cref="QueryContext.RecordPosition"/> and the model has such data. A handler that reads such data in
    /// another way needs this call.
    /// </summary>
    public CachedQueryBuilder<TQuery> OnlyInProcess()
    {
        Options.IsOnlyInProcess = true;
        return this;
    }
}
